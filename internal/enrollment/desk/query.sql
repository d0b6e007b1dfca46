-- name: FindMembers :many
-- Everybody on a roster whom all of the identifiers fit. The planner sees which
-- are empty: of any two that are not, one is in an index.
SELECT m.member_id, m.patient_id, g.survivor_id, m.given_name, m.family_name, m.birth_date, m.state, p.name AS payer_name,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS has_account
FROM enrollment.members m
JOIN enrollment.payers p ON p.payer_id = m.payer_id
LEFT JOIN enrollment.patient_merges g ON g.absorbed_id = m.patient_id AND g.undone_at IS NULL
WHERE (sqlc.arg(family)::text = '' OR m.family_search LIKE sqlc.arg(family)::text || '%')
  AND (sqlc.narg(birth)::date IS NULL OR m.birth_date = sqlc.narg(birth)::date)
  AND (sqlc.arg(number)::text = '' OR enrollment.fold_number(m.subscriber_no) = sqlc.arg(number)::text
       OR (m.own_no IS NOT NULL AND enrollment.fold_number(m.own_no) = sqlc.arg(number)::text))
  AND (sqlc.arg(email)::text = '' OR (m.email <> '' AND lower(m.email) = sqlc.arg(email)::text))
  AND (sqlc.arg(phone)::text = '' OR (m.phone <> '' AND enrollment.fold_phone(m.phone) = sqlc.arg(phone)::text))
  AND (sqlc.arg(zip)::text = '' OR left(m.zip, 5) = sqlc.arg(zip)::text)
  AND (sqlc.narg(patient)::uuid IS NULL OR m.patient_id = sqlc.narg(patient)::uuid)
ORDER BY m.family_search, m.given_search, m.birth_date, m.member_id
LIMIT sqlc.arg(most);

-- name: FindPatients :many
-- Patients by what they say themselves, who may be on no roster. Their names
-- are compared in Go: whoever typed one may have left out the accents. Each comes
-- with the one who goes on for them: themselves unless absorbed.
WITH near AS (
    SELECT p.patient_id FROM enrollment.patients p WHERE p.birth_date = sqlc.narg(birth)::date
    UNION
    SELECT c.patient_id FROM enrollment.contact_points c
    WHERE sqlc.arg(email)::text <> '' AND c.kind = 'email' AND lower(c.value) = sqlc.arg(email)::text
    UNION
    SELECT c.patient_id FROM enrollment.contact_points c
    WHERE sqlc.arg(phone)::text <> '' AND c.kind = 'phone' AND enrollment.fold_phone(c.value) = sqlc.arg(phone)::text
    UNION
    SELECT c.patient_id FROM enrollment.contact_points c
    WHERE sqlc.arg(zip)::text <> '' AND c.kind = 'address' AND left(c.zip, 5) = sqlc.arg(zip)::text
    UNION
    SELECT p.patient_id FROM enrollment.patients p WHERE p.patient_id = sqlc.narg(patient)::uuid
)
SELECT p.patient_id, coalesce(g.survivor_id, p.patient_id)::uuid AS survivor_id, p.given_name, p.family_name, p.birth_date,
       coalesce((SELECT c.state FROM enrollment.contact_points c WHERE c.patient_id = p.patient_id AND c.kind = 'address' LIMIT 1), '')::text AS state,
       coalesce((SELECT y.name FROM enrollment.members m JOIN enrollment.payers y ON y.payer_id = m.payer_id
                 WHERE m.patient_id = p.patient_id ORDER BY m.member_id DESC LIMIT 1), '')::text AS payer_name,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = p.patient_id AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS has_account
FROM near n
JOIN enrollment.patients p ON p.patient_id = n.patient_id
LEFT JOIN enrollment.patient_merges g ON g.absorbed_id = p.patient_id AND g.undone_at IS NULL
WHERE (sqlc.narg(birth)::date IS NULL OR p.birth_date = sqlc.narg(birth)::date)
  AND (sqlc.narg(patient)::uuid IS NULL OR p.patient_id = sqlc.narg(patient)::uuid)
  AND (sqlc.arg(email)::text = '' OR EXISTS (SELECT FROM enrollment.contact_points c
       WHERE c.patient_id = p.patient_id AND c.kind = 'email' AND lower(c.value) = sqlc.arg(email)::text))
  AND (sqlc.arg(phone)::text = '' OR EXISTS (SELECT FROM enrollment.contact_points c
       WHERE c.patient_id = p.patient_id AND c.kind = 'phone' AND enrollment.fold_phone(c.value) = sqlc.arg(phone)::text))
  AND (sqlc.arg(zip)::text = '' OR EXISTS (SELECT FROM enrollment.contact_points c
       WHERE c.patient_id = p.patient_id AND c.kind = 'address' AND left(c.zip, 5) = sqlc.arg(zip)::text))
  AND (sqlc.arg(number)::text = '' OR EXISTS (SELECT FROM enrollment.members m
       WHERE m.patient_id = p.patient_id AND (enrollment.fold_number(m.subscriber_no) = sqlc.arg(number)::text
          OR (m.own_no IS NOT NULL AND enrollment.fold_number(m.own_no) = sqlc.arg(number)::text))))
ORDER BY p.family_name, p.given_name, p.birth_date, p.patient_id
LIMIT sqlc.arg(most);

-- name: GoOn :many
-- Those of these patients who go on for others, as a search shows them: with
-- what the absorbed ones have as well.
SELECT p.patient_id, p.given_name, p.family_name, p.birth_date,
       coalesce((SELECT c.state FROM enrollment.contact_points c WHERE c.kind = 'address'
                 AND c.patient_id IN (SELECT enrollment.same_person(p.patient_id))
                 ORDER BY (c.patient_id = p.patient_id) DESC LIMIT 1), '')::text AS state,
       coalesce((SELECT y.name FROM enrollment.members m JOIN enrollment.payers y ON y.payer_id = m.payer_id
                 WHERE m.patient_id IN (SELECT enrollment.same_person(p.patient_id))
                 ORDER BY (m.patient_id = p.patient_id) DESC, m.member_id DESC LIMIT 1), '')::text AS payer_name,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id IN (SELECT enrollment.same_person(p.patient_id)) AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS has_account
FROM enrollment.patients p
WHERE p.patient_id = ANY (sqlc.arg(patients)::uuid[])
  AND EXISTS (SELECT FROM enrollment.patient_merges g WHERE g.survivor_id = p.patient_id AND g.undone_at IS NULL);

-- name: Patient :one
-- With the one who goes on for them after a merge, themselves unless absorbed,
-- and with those whom they go on for.
SELECT p.patient_id, p.given_name, p.family_name, p.birth_date, p.language, enrollment.survivor_of(p.patient_id)::uuid AS survivor,
       ARRAY(SELECT g.absorbed_id FROM enrollment.patient_merges g WHERE g.survivor_id = p.patient_id AND g.undone_at IS NULL)::uuid[] AS absorbed
FROM enrollment.patients p WHERE p.patient_id = $1;

-- name: Contacts :many
-- The same of several patients who are one human is one line.
SELECT kind, value, state, zip, source, bool_or(verified_at IS NOT NULL)::boolean AS proven
FROM enrollment.contact_points WHERE patient_id = ANY (sqlc.arg(patients)::uuid[])
GROUP BY kind, value, state, zip, source
ORDER BY kind = 'address', kind, max(verified_at) DESC NULLS LAST, source, max(created_at) DESC, value;

-- name: Actors :many
-- Who may act for a patient, or another who is the same human, today or later, with the name of each who is a
-- patient too.
SELECT a.acts_for_id, a.relation, a.from_date, a.until_date, coalesce(s.given_name, '')::text AS given_name, coalesce(s.family_name, '')::text AS family_name
FROM enrollment.acts_for a
LEFT JOIN LATERAL (
    SELECT p.given_name, p.family_name FROM enrollment.acts_for o
    JOIN enrollment.patients p ON p.patient_id = o.patient_id
    WHERE o.account_id = a.account_id AND o.relation = 'self'
    ORDER BY o.from_date DESC LIMIT 1) s ON true
WHERE a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
ORDER BY (a.relation = 'self') DESC, a.from_date, a.acts_for_id;

-- name: Members :many
-- The members of patients, or one member; with what decides whether an invitation
-- may go out.
SELECT m.member_id, m.patient_id, m.given_name, m.family_name, m.birth_date, p.name AS payer_name, m.subscriber_no,
       coalesce(m.own_no, '')::text AS own_no, m.is_subscriber, m.email, m.phone, m.state, m.zip, m.language,
       (m.birth_date > (sqlc.arg(today)::date - interval '18 years')::date)::boolean AS minor,
       enrollment.email_shared(m.member_id)::boolean AS shared,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id IN (SELECT enrollment.same_person(m.patient_id)) AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS active,
       EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id AND i.state = 'queued' AND i.expires_at > clock.now()) AS queued,
       EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id AND i.requested_by IS NOT NULL
               AND i.created_at > clock.now() - interval '24 hours') AS asked_today
FROM enrollment.members m JOIN enrollment.payers p ON p.payer_id = m.payer_id
WHERE m.member_id = sqlc.narg(member)::uuid OR m.patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY m.updated_at DESC, m.member_id;

-- name: Coverages :many
SELECT member_id, coverage_id, plan, line, starts, ends FROM enrollment.coverages
WHERE member_id = ANY (sqlc.arg(members)::uuid[]) AND NOT voided
ORDER BY member_id, ends DESC NULLS FIRST, starts DESC, coverage_id;

-- name: Consents :many
-- With who gave each, and whether that is good today: from 18 on, a guardian's
-- is not.
SELECT c.consent_id, c.kind, c.version, c.language, c.method, c.given_at, by.given_by,
       (by.given_by IN ('patient', 'caregiver') OR enrollment.minor_until(p.birth_date) >= sqlc.arg(today)::date)::boolean AS counts
FROM enrollment.consents c JOIN enrollment.patients p ON p.patient_id = c.patient_id,
     LATERAL (SELECT enrollment.given_by(c.patient_id, c.account_id, c.method, c.given_at)::text AS given_by) AS by
WHERE c.patient_id = sqlc.arg(patient)
ORDER BY c.given_at DESC, c.consent_id
LIMIT 20;

-- name: Invitations :many
-- One whose time has passed is expired, though nobody has written it down yet.
SELECT CASE WHEN state IN ('queued', 'sent') AND expires_at <= clock.now() THEN 'expired' ELSE state END::text AS state,
       email, created_at, sent_at, accepted_at, expires_at
FROM enrollment.invitations
WHERE member_id = ANY (sqlc.arg(members)::uuid[])
ORDER BY created_at DESC, invitation_id
LIMIT 20;

-- name: Attempts :many
-- Attempts with one of the numbers, and cases about one of the members.
SELECT a.created_at AS at, a.reference, a.state, coalesce(c.reason, '')::text AS reason,
       (c.case_id IS NOT NULL AND c.closed_at IS NULL)::boolean AS open, a.tries
FROM enrollment.activations a LEFT JOIN enrollment.activation_cases c ON c.activation_id = a.activation_id
WHERE a.number_hash = ANY (sqlc.arg(numbers)::bytea[]) AND a.created_at > clock.now() - interval '1 year'
UNION ALL
SELECT c.at, c.reference, '', c.reason, (c.closed_at IS NULL), 0
FROM enrollment.activation_cases c
WHERE c.member_id = ANY (sqlc.arg(members)::uuid[]) AND c.activation_id IS NULL
ORDER BY 1 DESC, 2
LIMIT 20;

-- name: LockMember :one
SELECT m.member_id, m.patient_id FROM enrollment.members m WHERE m.member_id = $1
FOR NO KEY UPDATE;

-- name: EndSent :exec
-- A new invitation takes the place of one that was sent.
UPDATE enrollment.invitations SET state = 'expired' WHERE member_id = $1 AND state = 'sent';

-- name: MarkRequested :execrows
UPDATE enrollment.invitations SET requested_by = sqlc.arg(account)::uuid
WHERE member_id = sqlc.arg(member) AND state = 'queued' AND requested_by IS NULL;
