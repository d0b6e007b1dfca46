-- Moving an appointment: the new row is taken before the old one is given up,
-- in one transaction. The old row stays and names the new one; the reference
-- that a patient may have written down goes along.

-- +goose Up
ALTER TABLE scheduling.reservations
    -- The first appointment of a row of moves: calendars know the visit by it.
    ADD COLUMN origin   uuid REFERENCES scheduling.reservations,
    -- Deferred: the old row gives up its time before the new one is there.
    ADD COLUMN moved_to uuid REFERENCES scheduling.reservations DEFERRABLE INITIALLY DEFERRED,
    ADD COLUMN moved_at timestamptz,
    ADD COLUMN moved_by uuid,
    ADD CONSTRAINT reservations_moved CHECK (
        (status = 'moved') = (moved_to IS NOT NULL)
        AND (moved_to IS NULL) = (moved_at IS NULL) AND (moved_to IS NULL) = (moved_by IS NULL)
        AND moved_to <> reservation_id),
    ADD CONSTRAINT reservations_origin CHECK (
        origin IS NULL OR (origin <> reservation_id AND status IN ('booked', 'canceled', 'moved', 'closed'))),
    DROP CONSTRAINT reservations_reference_key;

CREATE UNIQUE INDEX reservations_moved_once ON scheduling.reservations (moved_to) WHERE (moved_to IS NOT NULL);
CREATE UNIQUE INDEX reservations_reference ON scheduling.reservations (reference) WHERE (status <> 'moved');
