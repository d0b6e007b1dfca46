-- name: CountMembers :many
-- Adults without an account, payer by payer.
SELECT p.payer_id, p.name,
       count(m.member_id) FILTER (WHERE m.email <> '' AND u.address IS NULL AND m.invited_at IS NULL) AS invitable,
       count(m.member_id) FILTER (WHERE m.email = '' OR u.address IS NOT NULL) AS without_email
FROM enrollment.payers p
LEFT JOIN enrollment.members m ON m.payer_id = p.payer_id AND m.patient_id IS NULL AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
LEFT JOIN enrollment.undeliverable_addresses u ON u.address = lower(m.email) AND m.email <> ''
GROUP BY p.payer_id, p.name
ORDER BY p.name, p.payer_id;

-- name: CountInvitations :many
-- The newest invitation of each member, by payer and state; and who of them
-- may be reminded.
SELECT m.payer_id, i.state, count(*) AS members,
       count(*) FILTER (WHERE m.patient_id IS NULL AND u.address IS NULL AND i.mails < sqlc.arg(ever)::bigint AND (i.state IN ('expired', 'failed')
                        OR i.state = 'sent' AND i.sent_at <= sqlc.arg(unanswered_since)::timestamptz)) AS again
FROM (SELECT DISTINCT ON (member_id) member_id, state, sent_at, count(sent_at) OVER (PARTITION BY member_id) AS mails
      FROM enrollment.invitations
      ORDER BY member_id, created_at DESC, invitation_id DESC) i
JOIN enrollment.members m ON m.member_id = i.member_id
LEFT JOIN enrollment.undeliverable_addresses u ON u.address = lower(m.email)
GROUP BY m.payer_id, i.state;

-- name: ListWaves :many
SELECT w.wave_id, p.name AS payer_name, w.audience, w.most, w.per_minute, w.starts_at, w.state, w.considered, w.queued,
       count(i.invitation_id) FILTER (WHERE i.sent_at IS NOT NULL) AS sent,
       count(i.invitation_id) FILTER (WHERE i.state = 'accepted') AS accepted,
       count(i.invitation_id) FILTER (WHERE i.state = 'failed') AS failed
FROM enrollment.invitation_waves w
JOIN enrollment.payers p ON p.payer_id = w.payer_id
LEFT JOIN enrollment.invitations i ON i.wave_id = w.wave_id
GROUP BY w.wave_id, p.name
ORDER BY (w.state IN ('running', 'paused')) DESC, w.created_at DESC, w.wave_id
LIMIT sqlc.arg(most);

-- name: PayerThere :one
SELECT EXISTS (SELECT FROM enrollment.payers WHERE payer_id = $1) AS there;

-- name: InsertWave :execrows
-- No row: another wave of this payer is at work.
INSERT INTO enrollment.invitation_waves (wave_id, payer_id, audience, most, per_minute, starts_at, next_at, account_id, created_at)
VALUES (sqlc.arg(wave_id), sqlc.arg(payer_id), sqlc.arg(audience), sqlc.narg(most), sqlc.arg(per_minute), sqlc.arg(starts_at),
        sqlc.arg(starts_at), sqlc.arg(account_id), sqlc.arg(now))
ON CONFLICT (payer_id) WHERE state IN ('running', 'paused') DO NOTHING;

-- name: LockWave :one
SELECT wave_id, state FROM enrollment.invitation_waves WHERE wave_id = $1
FOR UPDATE;

-- name: SteerWave :exec
UPDATE enrollment.invitation_waves
SET state = sqlc.arg(state)::text, ended_at = CASE WHEN sqlc.arg(state)::text IN ('stopped', 'done') THEN clock.now() END
WHERE wave_id = sqlc.arg(wave_id);

-- name: DueWaves :many
SELECT wave_id FROM enrollment.invitation_waves
WHERE state = 'running' AND starts_at <= clock.now() AND next_at <= clock.now()
ORDER BY next_at, wave_id;

-- name: TakeWave :one
-- One process at a time works on a wave.
SELECT wave_id, payer_id, audience, most, per_minute, considered, queued, next_at, account_id, created_at, clock.now()::timestamptz AS now
FROM enrollment.invitation_waves
WHERE wave_id = $1 AND state = 'running' AND next_at <= clock.now()
FOR UPDATE SKIP LOCKED;

-- name: ChooseNew :many
-- Adults with an address, never invited, without an account.
SELECT m.member_id FROM enrollment.members m
WHERE m.payer_id = sqlc.arg(payer_id) AND m.email <> '' AND m.patient_id IS NULL AND m.invited_at IS NULL
  AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
  AND NOT EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email))
ORDER BY m.member_id
LIMIT sqlc.arg(most)
FOR NO KEY UPDATE OF m SKIP LOCKED;

-- name: ChooseAgain :many
-- Members whose invitations before this wave were not answered, or never
-- arrived; at most three mails to one person, whatever roster they stand on.
SELECT m.member_id FROM enrollment.members m
WHERE m.payer_id = sqlc.arg(payer_id) AND m.email <> '' AND m.patient_id IS NULL AND m.invited_at < sqlc.arg(wave_since)::timestamptz
  AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
  AND NOT EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email))
  AND EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id)
  AND NOT EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id
                  AND (i.state IN ('queued', 'accepted') OR i.state = 'sent' AND i.sent_at > sqlc.arg(unanswered_since)::timestamptz))
  AND (SELECT count(*) FROM enrollment.members o JOIN enrollment.invitations i ON i.member_id = o.member_id AND i.sent_at IS NOT NULL
       WHERE o.email <> '' AND lower(o.email) = lower(m.email) AND o.birth_date = m.birth_date) < sqlc.arg(ever)::integer
ORDER BY m.member_id
LIMIT sqlc.arg(most)
FOR NO KEY UPDATE OF m SKIP LOCKED;

-- name: NewLeft :one
-- Whether there is anybody whom ChooseNew would choose, also where an import has
-- them locked at this moment.
SELECT EXISTS (
    SELECT FROM enrollment.members m
    WHERE m.payer_id = sqlc.arg(payer_id) AND m.email <> '' AND m.patient_id IS NULL AND m.invited_at IS NULL
      AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
      AND NOT EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email)))::boolean AS some;

-- name: AgainLeft :one
-- The same of ChooseAgain.
SELECT EXISTS (
    SELECT FROM enrollment.members m
    WHERE m.payer_id = sqlc.arg(payer_id) AND m.email <> '' AND m.patient_id IS NULL AND m.invited_at < sqlc.arg(wave_since)::timestamptz
      AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
      AND NOT EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email))
      AND EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id)
      AND NOT EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id
                      AND (i.state IN ('queued', 'accepted') OR i.state = 'sent' AND i.sent_at > sqlc.arg(unanswered_since)::timestamptz))
      AND (SELECT count(*) FROM enrollment.members o JOIN enrollment.invitations i ON i.member_id = o.member_id AND i.sent_at IS NOT NULL
           WHERE o.email <> '' AND lower(o.email) = lower(m.email) AND o.birth_date = m.birth_date) < sqlc.arg(ever)::integer)::boolean AS some;

-- name: EndUnanswered :exec
-- A reminder takes the place of the link before.
UPDATE enrollment.invitations SET state = 'expired'
WHERE state = 'sent' AND member_id = ANY (sqlc.arg(members)::uuid[]);

-- name: ClaimInvitations :execrows
UPDATE enrollment.invitations SET wave_id = sqlc.arg(wave_id)::uuid
WHERE state = 'queued' AND wave_id IS NULL AND member_id = ANY (sqlc.arg(members)::uuid[]);

-- name: AdvanceWave :exec
UPDATE enrollment.invitation_waves
SET considered = considered + sqlc.arg(considered)::bigint, queued = queued + sqlc.arg(queued)::bigint, next_at = sqlc.arg(next_at)
WHERE wave_id = sqlc.arg(wave_id);

-- name: LastSend :one
-- When the newest of the waiting mails leaves; long ago if none waits.
SELECT coalesce(max(send_at), to_timestamp(0))::timestamptz AS send_at
FROM enrollment.invitations WHERE state = 'queued';

-- name: ListUndeliverable :many
SELECT u.address_id, u.address, u.reason, u.marked_at,
       coalesce(array_agg(m.given_name || E'\t' || m.family_name || E'\t' || p.name ORDER BY m.member_id) FILTER (WHERE m.member_id IS NOT NULL), '{}')::text[] AS members
FROM (SELECT * FROM enrollment.undeliverable_addresses ORDER BY marked_at DESC, address_id LIMIT sqlc.arg(most)) u
LEFT JOIN enrollment.members m ON m.email <> '' AND lower(m.email) = u.address
LEFT JOIN enrollment.payers p ON p.payer_id = m.payer_id
GROUP BY u.address_id, u.address, u.reason, u.marked_at
ORDER BY u.marked_at DESC, u.address_id;

-- name: AddressKnown :one
SELECT EXISTS (SELECT FROM enrollment.members WHERE email <> '' AND lower(email) = lower(sqlc.arg(address)::text)) AS known;

-- name: MarkByHand :execrows
INSERT INTO enrollment.undeliverable_addresses (address_id, address, reason, marked_by)
VALUES (sqlc.arg(address_id), lower(sqlc.arg(address)::text), 'staff', sqlc.arg(marked_by)::uuid)
ON CONFLICT (address) DO NOTHING;

-- name: ClearUndeliverable :execrows
DELETE FROM enrollment.undeliverable_addresses WHERE address_id = $1;
