-- name: InsertRegistration :exec
INSERT INTO enrollment.registrations (registration_id, activation_id, given_name, family_name, birth_date, email, code_hash, language, created_at, expires_at)
SELECT sqlc.arg(registration_id), (SELECT a.activation_id FROM enrollment.activations a WHERE a.activation_id = sqlc.narg(activation_id)::uuid),
       sqlc.arg(given_name), sqlc.arg(family_name), sqlc.arg(birth_date), sqlc.arg(email), sqlc.arg(code_hash), sqlc.arg(language),
       sqlc.arg(at), sqlc.arg(expires_at);

-- name: RegistrationToMail :one
-- Whoever has an account with the address already is told that, not sent a
-- code: only the mailbox learns it.
SELECT r.email, r.language, (r.expires_at <= clock.now())::boolean AS expired,
       EXISTS (SELECT FROM enrollment.contact_points c
               JOIN enrollment.acts_for a ON a.patient_id = c.patient_id AND a.relation = 'self'
                AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
               WHERE c.kind = 'email' AND c.verified_at IS NOT NULL AND lower(c.value) = r.email) AS known
FROM enrollment.registrations r WHERE r.registration_id = sqlc.arg(registration_id);

-- name: LockRegistration :one
SELECT registration_id, activation_id, given_name, family_name, birth_date, email, code_hash, tries, language, patient_id,
       (expires_at <= clock.now())::boolean AS expired
FROM enrollment.registrations WHERE registration_id = $1
FOR UPDATE;

-- name: CountTry :exec
UPDATE enrollment.registrations SET tries = tries + 1 WHERE registration_id = $1 AND tries < 5;

-- name: MarkProven :exec
UPDATE enrollment.registrations SET proven_at = coalesce(proven_at, clock.now()) WHERE registration_id = $1;

-- name: ConfirmRegistration :exec
UPDATE enrollment.registrations SET confirmed_at = clock.now(), patient_id = sqlc.arg(patient_id), account_id = sqlc.arg(account_id)
WHERE registration_id = sqlc.arg(registration_id);

-- name: SelfOfAccount :one
SELECT patient_id FROM enrollment.acts_for
WHERE account_id = sqlc.arg(account) AND relation = 'self'
  AND (until_date IS NULL OR until_date >= sqlc.arg(today)::date);

-- name: Concerned :one
SELECT enrollment.concerned(sqlc.arg(account)::uuid, sqlc.arg(patients)::uuid[])::boolean AS concerned;

-- name: InsertPatient :exec
INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
VALUES ($1, $2, $3, $4, $5, 'patient');

-- name: InsertSelf :execrows
-- No row: the account was taken in the meantime.
INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date, certainty)
VALUES ($1, $2, $3, 'self', $4, $5)
ON CONFLICT DO NOTHING;

-- name: PutProvenEmail :exec
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at)
VALUES ($1, $2, 'email', 'patient', $3, clock.now())
ON CONFLICT (patient_id, kind, lower(value)) WHERE source = 'patient' DO UPDATE SET verified_at = excluded.verified_at;

-- name: LockActivation :one
-- Nothing for one that has made somebody a patient.
SELECT reference, member_id FROM enrollment.activations
WHERE activation_id = $1 AND patient_id IS NULL
FOR UPDATE;

-- name: EndActivation :exec
UPDATE enrollment.activations SET state = 'to_staff' WHERE activation_id = $1 AND state IN ('started', 'code_sent');

-- name: ClaimCase :execrows
-- One statement whether there is a case already or not. A case that has ended
-- with a link is not opened again.
INSERT INTO enrollment.activation_cases (case_id, reference, reason, activation_id, member_id, patient_id)
VALUES (sqlc.arg(case_id), sqlc.arg(reference), 'limited', sqlc.arg(activation_id), sqlc.narg(member_id), sqlc.arg(patient_id))
ON CONFLICT (activation_id) DO UPDATE
SET patient_id = excluded.patient_id, version = activation_cases.version + 1,
    closed_at = NULL, closed_by = NULL, outcome = NULL, close_reason = NULL
WHERE activation_cases.outcome IS DISTINCT FROM 'linked';

-- name: ReferenceOfActivation :one
SELECT reference FROM enrollment.activations WHERE activation_id = $1;

-- name: PlansOfAccount :many
-- Whom an account acts for on a day, with the open case of each; patients who are one human have one survivor.
SELECT a.patient_id, enrollment.survivor_of(a.patient_id)::uuid AS survivor, p.given_name, (a.relation = 'self')::boolean AS is_self, (a.certainty = 'limited')::boolean AS limited,
       coalesce((SELECT c.reference FROM enrollment.activation_cases c WHERE c.patient_id = a.patient_id AND c.closed_at IS NULL
                 ORDER BY c.at DESC LIMIT 1), '')::text AS reference
FROM enrollment.acts_for a JOIN enrollment.patients p ON p.patient_id = a.patient_id
WHERE a.account_id = sqlc.arg(account) AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
ORDER BY (a.relation = 'self') DESC, a.patient_id;

-- name: HealthCoverages :many
SELECT m.patient_id, m.member_id, p.name AS payer_name, c.plan, c.starts, c.ends
FROM enrollment.members m
JOIN enrollment.coverages c ON c.member_id = m.member_id AND NOT c.voided AND c.line IN ('HLT', 'HMO', 'PPO', 'POS', 'EPO')
JOIN enrollment.payers p ON p.payer_id = m.payer_id
WHERE m.patient_id = ANY (sqlc.arg(patients)::uuid[]) OR m.member_id = ANY (sqlc.arg(members)::uuid[])
ORDER BY c.starts, c.coverage_id;

-- name: CaseByReference :one
SELECT c.case_id, c.reference, c.reason, c.at, c.closed_at, c.version, coalesce(c.outcome, '')::text AS outcome,
       coalesce(c.close_reason, '')::text AS close_reason, c.member_id, c.patient_id, c.activation_id, a.typed
FROM enrollment.activation_cases c LEFT JOIN enrollment.activations a ON a.activation_id = c.activation_id
WHERE c.reference = $1;

-- name: LockCase :one
-- With whom it may be about: the claimant, and the patient who the member is.
SELECT c.case_id, c.reference, c.reason, c.version, (c.closed_at IS NOT NULL)::boolean AS closed, c.patient_id,
       array_remove(ARRAY[c.patient_id, (SELECT m.patient_id FROM enrollment.members m WHERE m.member_id = c.member_id)], NULL)::uuid[] AS about
FROM enrollment.activation_cases c WHERE c.reference = $1
FOR UPDATE OF c;

-- name: OutcomeFor :one
-- How a case has ended for a claimant; nothing while it is open, or about
-- somebody else by now.
SELECT coalesce(outcome, '')::text AS outcome FROM enrollment.activation_cases
WHERE case_id = sqlc.arg(case_id) AND patient_id = sqlc.arg(patient)::uuid AND closed_at IS NOT NULL;

-- name: ClaimantOf :one
SELECT p.patient_id, p.given_name, p.family_name, p.birth_date, p.language, p.details_source,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = p.patient_id AND a.relation = 'self' AND a.certainty = 'limited'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS limited,
       coalesce((SELECT c.value FROM enrollment.contact_points c WHERE c.patient_id = p.patient_id AND c.kind = 'email'
                 AND c.verified_at IS NOT NULL ORDER BY c.verified_at DESC, c.contact_id LIMIT 1), '')::text AS email
FROM enrollment.patients p WHERE p.patient_id = sqlc.arg(patient);

-- name: CandidatesOf :many
-- Everybody who may be meant: by a number, by name and birth date, and the
-- member in question.
WITH hit AS (
    SELECT m.member_id FROM enrollment.members m WHERE enrollment.fold_number(m.subscriber_no) = ANY (sqlc.arg(numbers)::text[])
    UNION
    SELECT m.member_id FROM enrollment.members m WHERE enrollment.fold_number(m.own_no) = ANY (sqlc.arg(numbers)::text[])
    UNION
    SELECT m.member_id FROM enrollment.members m
    WHERE m.family_search = ANY (sqlc.arg(families)::text[]) AND m.birth_date = ANY (sqlc.arg(births)::date[])
    UNION
    SELECT m.member_id FROM enrollment.members m WHERE m.member_id = sqlc.narg(member)::uuid
)
SELECT m.member_id, m.given_name, m.family_name, m.birth_date, m.email, m.phone, m.subscriber_no, coalesce(m.own_no, '')::text AS own_no,
       m.patient_id, p.name AS payer_name, enrollment.email_shared(m.member_id)::boolean AS shared
FROM hit JOIN enrollment.members m ON m.member_id = hit.member_id
JOIN enrollment.payers p ON p.payer_id = m.payer_id
ORDER BY m.member_id
LIMIT sqlc.arg(most);

-- name: ChecksOf :many
SELECT check_id, patient_id, method, document, outcome, account_id, at FROM enrollment.identity_checks
WHERE case_id = sqlc.arg(case_id)::uuid
ORDER BY at DESC, check_id DESC;

-- name: InsertCheck :exec
INSERT INTO enrollment.identity_checks (check_id, case_id, patient_id, method, document, outcome, account_id)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: TouchCase :exec
UPDATE enrollment.activation_cases SET version = version + 1 WHERE case_id = $1;

-- name: EndCase :exec
UPDATE enrollment.activation_cases
SET version = version + 1, closed_at = clock.now(), closed_by = sqlc.arg(account), outcome = sqlc.arg(outcome), close_reason = sqlc.narg(close_reason)
WHERE case_id = sqlc.arg(case_id);

-- name: LockMember :one
SELECT member_id, patient_id, given_name, family_name, birth_date FROM enrollment.members WHERE member_id = $1
FOR NO KEY UPDATE;

-- name: LinkMember :exec
UPDATE enrollment.members SET patient_id = $2 WHERE member_id = $1;

-- name: TakeRosterDetails :exec
-- The papers agreed with the roster: from now on its corrections count.
UPDATE enrollment.patients
SET given_name = sqlc.arg(given_name), family_name = sqlc.arg(family_name), birth_date = sqlc.arg(birth_date), details_source = 'roster',
    updated_at = clock.now()
WHERE patient_id = sqlc.arg(patient_id) AND details_source = 'patient';

-- name: MakeCertain :exec
UPDATE enrollment.acts_for SET certainty = 'full' WHERE patient_id = $1 AND relation = 'self' AND certainty = 'limited';

-- name: PutRosterContacts :exec
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, member_id, value, state, zip)
SELECT gen_random_uuid(), m.patient_id, v.kind, 'roster', m.member_id, v.value, v.state, v.zip
FROM enrollment.members m,
     LATERAL (VALUES ('email', m.email, '', ''), ('phone', m.phone, '', ''),
                     ('address', concat_ws(E'\n', nullif(m.address1, ''), nullif(m.address2, ''), nullif(m.city, '')), m.state, m.zip)
             ) AS v (kind, value, state, zip)
WHERE m.member_id = sqlc.arg(member_id) AND m.patient_id IS NOT NULL
  AND (CASE v.kind WHEN 'address' THEN v.state <> '' OR v.zip <> '' ELSE v.value <> '' END)
ON CONFLICT (member_id, kind) WHERE source = 'roster'
DO UPDATE SET patient_id = excluded.patient_id, value = excluded.value, state = excluded.state, zip = excluded.zip;

-- name: CloseInvitations :exec
UPDATE enrollment.invitations SET state = 'expired', token_sealed = NULL
WHERE member_id = $1 AND state IN ('queued', 'sent');

-- name: ForgetTyped :execrows
-- What was typed is kept while somebody may have to look at it.
UPDATE enrollment.activations a SET typed = NULL
WHERE a.typed IS NOT NULL AND a.created_at < clock.now() - interval '1 day'
  AND NOT EXISTS (SELECT FROM enrollment.activation_cases c WHERE c.activation_id = a.activation_id AND c.closed_at IS NULL);

-- name: ForgetRegistrations :execrows
-- What came of them stands elsewhere.
DELETE FROM enrollment.registrations WHERE created_at < clock.now() - interval '1 day';

-- name: OpenMailboxCase :one
-- One that is open already is found again. Nothing for a patient without an
-- account of their own.
INSERT INTO enrollment.activation_cases (case_id, reference, reason, patient_id)
SELECT sqlc.arg(case_id), sqlc.arg(reference), 'lost_mailbox', a.patient_id
FROM enrollment.acts_for a
WHERE a.patient_id = sqlc.arg(patient) AND a.relation = 'self' AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
ON CONFLICT (patient_id) WHERE reason = 'lost_mailbox' AND closed_at IS NULL
DO UPDATE SET version = activation_cases.version
RETURNING case_id, reference;

-- name: OwnAccount :one
SELECT a.account_id, p.language FROM enrollment.acts_for a JOIN enrollment.patients p ON p.patient_id = a.patient_id
WHERE a.patient_id = sqlc.arg(patient) AND a.relation = 'self' AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date);

-- name: CheckedLately :one
-- Whether the newest look at this patient's papers went well, within the hour.
SELECT coalesce((SELECT k.outcome = 'passed' AND k.at > clock.now() - interval '1 hour'
    FROM enrollment.identity_checks k WHERE k.case_id = sqlc.arg(case_id)::uuid AND k.patient_id = sqlc.arg(patient)::uuid
    ORDER BY k.at DESC, k.check_id DESC LIMIT 1), false)::boolean AS lately;
