-- Every statement that the contacts side of enrollment runs, apart from those
-- of feed, once and audit.

-- name: IsOwnPatient :one
SELECT EXISTS (
    SELECT FROM enrollment.acts_for a
    WHERE a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND a.account_id = sqlc.arg(account) AND a.from_date <= sqlc.arg(today)::date
      AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date));

-- name: Self :one
-- The patient that an account itself is.
SELECT a.patient_id FROM enrollment.acts_for a
WHERE a.account_id = sqlc.arg(account) AND a.relation = 'self'
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date);

-- name: BestContacts :many
-- The best of each kind: what the patient proved, then what they typed, then
-- what a roster says. The same order as in the facts that others hear of.
SELECT DISTINCT ON (kind) kind, source, value, state, zip, (verified_at IS NOT NULL)::boolean AS verified FROM enrollment.contact_points
WHERE patient_id = sqlc.arg(patient)
ORDER BY kind, verified_at DESC NULLS LAST, source, created_at DESC, contact_id;

-- name: DropOwnContact :execrows
DELETE FROM enrollment.contact_points
WHERE patient_id = sqlc.arg(patient) AND kind = sqlc.arg(kind) AND source = 'patient';

-- name: PutOwnContact :exec
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, state, zip)
VALUES (sqlc.arg(contact_id), sqlc.arg(patient), sqlc.arg(kind), 'patient', sqlc.arg(value), sqlc.arg(state), sqlc.arg(zip));

-- name: PutProvenEmail :exec
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at)
VALUES (sqlc.arg(contact_id), sqlc.arg(patient), 'email', 'patient', sqlc.arg(value), clock.now())
ON CONFLICT (patient_id, kind, lower(value)) WHERE source = 'patient' DO UPDATE SET verified_at = excluded.verified_at;

-- name: DropOtherEmails :exec
-- An address that the account has left is no way to reach its patient.
DELETE FROM enrollment.contact_points
WHERE patient_id = sqlc.arg(patient) AND kind = 'email' AND source = 'patient' AND lower(value) <> lower(sqlc.arg(value));

-- name: ConsentsOf :many
SELECT consent_id, kind, version, language, account_id, given_at FROM enrollment.consents
WHERE patient_id = sqlc.arg(patient)
ORDER BY given_at DESC, consent_id
LIMIT sqlc.arg(most);
