-- Every statement that licensing runs, apart from those of feed, once and
-- audit.

-- name: InsertPhysician :execrows
-- No row: the NPI, the account or the id is taken.
INSERT INTO licensing.physicians
    (physician_id, account_id, npi, given_name, family_name, credential, specialties, languages, time_zone, practice_state, search, demo)
VALUES
    (@physician_id, sqlc.narg(account_id), @npi, @given_name, @family_name, @credential, @specialties, @languages, @time_zone, @practice_state, @search, @demo)
ON CONFLICT DO NOTHING;

-- name: TakenBy :one
-- What made InsertPhysician insert nothing.
SELECT
    EXISTS (SELECT FROM licensing.physicians p WHERE p.npi = @npi)::boolean AS npi,
    EXISTS (SELECT FROM licensing.physicians p WHERE p.account_id = sqlc.narg(account_id)::uuid)::boolean AS account;

-- name: BumpPhysician :one
-- The next version of the facts; the row stays locked until the commit.
UPDATE licensing.physicians SET version = version + 1 WHERE physician_id = @physician_id
RETURNING physician_id, account_id, npi, given_name, family_name, credential, specialties, languages, time_zone, practice_state, version;

-- name: LinkAccount :execrows
UPDATE licensing.physicians SET account_id = @account_id::uuid WHERE physician_id = @physician_id AND account_id IS NULL;

-- name: Physician :one
SELECT physician_id, account_id, npi, given_name, family_name, credential, specialties, languages, time_zone, practice_state, version
FROM licensing.physicians WHERE physician_id = @physician_id;

-- name: PhysicianOfAccount :one
SELECT physician_id, account_id, npi, given_name, family_name, credential, specialties, languages, time_zone, practice_state, version
FROM licensing.physicians WHERE account_id = @account_id::uuid;

-- name: InsertLicense :exec
INSERT INTO licensing.licenses
    (license_id, physician_id, chain_id, corrects, state, number, board, basis, status, valid_from, valid_to,
     source, verified_at, needs_confirmation, confirmed_at, note, recorded_by)
VALUES
    (@license_id, @physician_id, @chain_id, sqlc.narg(corrects), @state, @number, @board, @basis, @status, @valid_from, @valid_to,
     @source, sqlc.narg(verified_at), @needs_confirmation, sqlc.narg(confirmed_at), @note, sqlc.narg(recorded_by));

-- name: InsertHead :execrows
-- No row: another license has that number.
INSERT INTO licensing.license_heads (chain_id, license_id, physician_id, state, board, number)
VALUES (@chain_id, @license_id, @physician_id, @state, @board, @number)
ON CONFLICT DO NOTHING;

-- name: MoveHead :execrows
-- No row: the license was corrected in the meantime.
UPDATE licensing.license_heads SET license_id = @license_id, state = @state, board = @board, number = @number
WHERE chain_id = @chain_id AND license_id = @corrects;

-- name: License :one
SELECT l.license_id, l.physician_id, l.chain_id, l.corrects, l.state, l.number, l.board, l.basis, l.status, l.valid_from,
       l.valid_to, l.source, l.verified_at, l.needs_confirmation, l.confirmed_at, l.note, l.recorded_at,
       EXISTS (SELECT FROM licensing.license_heads h WHERE h.license_id = l.license_id)::boolean AS current
FROM licensing.licenses l WHERE l.license_id = @license_id;

-- name: CurrentLicenses :many
SELECT l.license_id, l.physician_id, l.chain_id, l.corrects, l.state, l.number, l.board, l.basis, l.status, l.valid_from,
       l.valid_to, l.source, l.verified_at, l.needs_confirmation, l.confirmed_at, l.note, l.recorded_at, true::boolean AS current
FROM licensing.license_heads h JOIN licensing.licenses l USING (license_id)
WHERE h.physician_id = ANY (@physician_ids::uuid[])
ORDER BY l.physician_id, l.state, l.valid_to DESC, l.license_id;

-- name: LicensesOfAccount :many
-- What an account's own physician may read: never anybody else's.
SELECT l.license_id, l.physician_id, l.chain_id, l.corrects, l.state, l.number, l.board, l.basis, l.status, l.valid_from,
       l.valid_to, l.source, l.verified_at, l.needs_confirmation, l.confirmed_at, l.note, l.recorded_at, true::boolean AS current
FROM licensing.physicians p
JOIN licensing.license_heads h ON h.physician_id = p.physician_id
JOIN licensing.licenses l ON l.license_id = h.license_id
WHERE p.account_id = @account_id::uuid
ORDER BY l.state, l.valid_to DESC, l.license_id;

-- name: AllLicenses :many
SELECT l.license_id, l.physician_id, l.chain_id, l.corrects, l.state, l.number, l.board, l.basis, l.status, l.valid_from,
       l.valid_to, l.source, l.verified_at, l.needs_confirmation, l.confirmed_at, l.note, l.recorded_at,
       (h.license_id IS NOT NULL)::boolean AS current
FROM licensing.licenses l LEFT JOIN licensing.license_heads h USING (license_id)
WHERE l.physician_id = @physician_id
ORDER BY l.recorded_at DESC, l.license_id DESC;

-- name: ListPhysicians :many
-- Patterns are LIKE patterns that the search column must match, all of them.
WITH today AS (SELECT (clock.now() AT TIME ZONE 'UTC')::date AS day),
matching AS (
    SELECT p.physician_id, lower(p.family_name) AS family, lower(p.given_name) AS given
    FROM licensing.physicians p, today
    WHERE (p.search LIKE ALL (@patterns::text[]))
      AND (p.npi LIKE @npi_prefix::text || '%')
      AND ((@state::text = '' AND @filter::text = '') OR EXISTS (
          SELECT FROM licensing.license_heads h JOIN licensing.licenses l USING (license_id)
          WHERE h.physician_id = p.physician_id
            AND (@state = '' OR l.state = @state)
            AND CASE @filter
                WHEN 'expiring' THEN l.status = 'active' AND l.valid_to BETWEEN day AND day + 60
                WHEN 'expired' THEN l.status = 'expired' OR (l.status = 'active' AND l.valid_to < day)
                WHEN 'suspended' THEN l.status IN ('suspended', 'revoked')
                WHEN 'unconfirmed' THEN l.needs_confirmation AND l.confirmed_at IS NULL
                ELSE true END))
)
SELECT p.physician_id, p.account_id, p.npi, p.given_name, p.family_name, p.credential, p.specialties, p.languages,
       p.time_zone, p.practice_state, p.version, (SELECT count(*) FROM matching)::integer AS total
FROM matching m JOIN licensing.physicians p USING (physician_id)
WHERE sqlc.narg(after)::uuid IS NULL OR (m.family, m.given, m.physician_id) > (
    SELECT lower(a.family_name), lower(a.given_name), a.physician_id FROM licensing.physicians a WHERE a.physician_id = sqlc.narg(after))
ORDER BY m.family, m.given, m.physician_id
LIMIT @page;

-- name: ConcernCounts :many
-- The empty concern counts each license once.
SELECT c.concern, count(*)::integer AS licenses FROM licensing.concerns c
WHERE @state::text = '' OR c.state = @state GROUP BY c.concern
UNION ALL
SELECT '', count(DISTINCT c.license_id)::integer FROM licensing.concerns c
WHERE @state::text = '' OR c.state = @state;

-- name: ListLicenses :many
-- Those that end first come first. The cursor's row may have been corrected in
-- the meantime; it is still there.
SELECT l.license_id, l.physician_id, l.chain_id, l.corrects, l.state, l.number, l.board, l.basis, l.status, l.valid_from,
       l.valid_to, l.source, l.verified_at, l.needs_confirmation, l.confirmed_at, l.note, l.recorded_at, true::boolean AS current,
       p.given_name, p.family_name, p.credential
FROM licensing.licenses l JOIN licensing.physicians p USING (physician_id)
WHERE l.license_id IN (
    SELECT c.license_id FROM licensing.concerns c
    WHERE (@concern::text = '' OR c.concern = @concern) AND (@state::text = '' OR c.state = @state))
  AND (sqlc.narg(after)::uuid IS NULL OR (l.valid_to, l.license_id) > (
    SELECT a.valid_to, a.license_id FROM licensing.licenses a WHERE a.license_id = sqlc.narg(after)))
ORDER BY l.valid_to, l.license_id
LIMIT @page;

-- name: RuleHeads :many
SELECT h.state, h.rule_version, r.yaml
FROM licensing.rule_heads h JOIN licensing.rules r USING (state, rule_version)
ORDER BY h.state;

-- name: InsertRules :exec
INSERT INTO licensing.rules (state, rule_version, yaml) VALUES (@state, @rule_version, @yaml) ON CONFLICT DO NOTHING;

-- name: SetRuleHead :execrows
-- No row: that version already holds.
INSERT INTO licensing.rule_heads AS h (state, rule_version) VALUES (@state, @rule_version)
ON CONFLICT (state) DO UPDATE SET rule_version = excluded.rule_version WHERE h.rule_version <> excluded.rule_version;

-- name: DemoPhysicians :many
SELECT physician_id, account_id FROM licensing.physicians WHERE physician_id = ANY (@physician_ids::uuid[]);

-- name: PhysicianByNPI :one
SELECT physician_id, account_id, npi, given_name, family_name, credential, specialties, languages, time_zone, practice_state, version
FROM licensing.physicians WHERE npi = @npi;
