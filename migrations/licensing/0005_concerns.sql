-- Why an officer should look at a license: one row for each license and reason,
-- of newest rows only. A license that ends within 30 days ends within 90 too.

-- +goose Up
CREATE VIEW licensing.concerns AS
WITH today AS (SELECT clock.now() AS moment, (clock.now() AT TIME ZONE 'UTC')::date AS day)
SELECT h.license_id, h.physician_id, h.state, unnest(array_remove(ARRAY[
    CASE WHEN l.status IN ('suspended', 'revoked') THEN 'suspended' END,
    CASE WHEN l.status = 'expired' OR (l.status = 'active' AND l.valid_to < today.day) THEN 'expired' END,
    CASE WHEN l.needs_confirmation AND l.confirmed_at IS NULL AND l.status IN ('active', 'pending') THEN 'unconfirmed' END,
    CASE WHEN l.status = 'active' AND l.valid_to BETWEEN today.day AND today.day + 30 THEN 'expiring_30' END,
    CASE WHEN l.status = 'active' AND l.valid_to BETWEEN today.day AND today.day + 60 THEN 'expiring_60' END,
    CASE WHEN l.status = 'active' AND l.valid_to BETWEEN today.day AND today.day + 90 THEN 'expiring_90' END,
    -- What the board said then may not be what it says now.
    CASE WHEN l.status = 'active' AND l.valid_to >= today.day
        AND (l.verified_at IS NULL OR l.verified_at < today.moment - interval '90 days') THEN 'unverified' END
]::text[], NULL))::text AS concern
FROM licensing.license_heads h
JOIN licensing.licenses l ON l.license_id = h.license_id
CROSS JOIN today;
