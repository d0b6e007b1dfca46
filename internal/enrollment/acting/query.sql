-- name: OwnPatient :one
-- The patient that an account is itself, and where that patient's own mail
-- goes; nothing for an account without one.
SELECT p.patient_id, p.given_name, p.family_name, p.birth_date, p.language,
       coalesce((SELECT c.value FROM enrollment.contact_points c
                 WHERE c.patient_id = p.patient_id AND c.kind = 'email' AND c.verified_at IS NOT NULL
                 ORDER BY c.verified_at DESC, c.contact_id LIMIT 1), '')::text AS email
FROM enrollment.acts_for a JOIN enrollment.patients p ON p.patient_id = a.patient_id
WHERE a.account_id = sqlc.arg(account) AND a.relation = 'self' AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date);

-- name: ActedFor :many
SELECT a.acts_for_id, a.patient_id, a.relation, a.until_date, p.given_name, p.family_name, p.birth_date
FROM enrollment.acts_for a JOIN enrollment.patients p ON p.patient_id = a.patient_id
WHERE a.account_id = sqlc.arg(account) AND a.relation <> 'self' AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
ORDER BY p.birth_date, p.patient_id;

-- name: CaregiversOf :many
SELECT a.acts_for_id, a.from_date, coalesce(g.given_name, '')::text AS given_name, coalesce(g.family_name, '')::text AS family_name
FROM enrollment.acts_for a
LEFT JOIN enrollment.acts_for s ON s.account_id = a.account_id AND s.relation = 'self' AND s.from_date <= sqlc.arg(today)::date
      AND (s.until_date IS NULL OR s.until_date >= sqlc.arg(today)::date)
LEFT JOIN enrollment.patients g ON g.patient_id = s.patient_id
WHERE a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND a.relation = 'caregiver' AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
ORDER BY a.created_at, a.acts_for_id;

-- name: OpenInvitationsOf :many
SELECT invitation_id, email, expires_at FROM enrollment.caregiver_invitations
WHERE account_id = sqlc.arg(account) AND state IN ('queued', 'sent') AND expires_at > clock.now()
ORDER BY created_at, invitation_id;

-- name: OpenRequestsOf :many
SELECT reference, given_name, attested_at FROM enrollment.guardian_requests
WHERE account_id = sqlc.arg(account) AND state = 'requested'
ORDER BY attested_at, request_id;

-- name: ChildCandidates :many
-- Everybody whom a number may mean, with all that the decision needs, so that
-- every request asks once. Held, so that a roster's change waits.
SELECT m.member_id, m.given_name, m.middle_name, m.family_name, m.birth_date,
       enrollment.in_family(sqlc.arg(own_patient)::uuid, m.payer_id, m.subscriber_no, sqlc.arg(today)::date)::boolean AS same_family,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS has_account,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'guardian'
               AND a.account_id <> sqlc.arg(account) AND a.until_date >= sqlc.arg(today)::date
               AND NOT EXISTS (SELECT FROM enrollment.acts_for s WHERE s.account_id = a.account_id AND s.relation = 'self'
                               AND enrollment.in_family(s.patient_id, m.payer_id, m.subscriber_no, sqlc.arg(today)::date))) AS other_guardian,
       EXISTS (SELECT FROM enrollment.acts_for_ended e WHERE e.account_id = sqlc.arg(account) AND e.relation = 'guardian'
               AND e.ended_by <> e.account_id AND e.patient_id IN (SELECT enrollment.same_person(m.patient_id))) AS ended
FROM enrollment.members m
WHERE enrollment.fold_number(m.subscriber_no) = sqlc.arg(number)::text
   OR enrollment.fold_number(m.own_no) = sqlc.arg(number)::text
ORDER BY m.member_id
LIMIT sqlc.arg(most)
FOR NO KEY UPDATE OF m;

-- name: StaffCandidates :many
-- Minors whom a request may mean: by the number, or by name and birth date.
SELECT m.member_id, m.given_name, m.family_name, m.birth_date, m.subscriber_no, m.patient_id, y.name AS payer_name,
       enrollment.in_family(sqlc.arg(own_patient)::uuid, m.payer_id, m.subscriber_no, sqlc.arg(today)::date)::boolean AS same_family,
       (SELECT count(*) FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'guardian'
        AND a.until_date >= sqlc.arg(today)::date)::int AS guardians
FROM enrollment.members m JOIN enrollment.payers y ON y.payer_id = m.payer_id
WHERE enrollment.minor_until(m.birth_date) >= sqlc.arg(today)::date
  AND ((sqlc.arg(number)::text <> '' AND (enrollment.fold_number(m.subscriber_no) = sqlc.arg(number)::text
                                          OR enrollment.fold_number(m.own_no) = sqlc.arg(number)::text))
       OR (m.family_search = sqlc.arg(family_search)::text AND m.birth_date = sqlc.arg(birth_date)::date))
ORDER BY (m.birth_date = sqlc.arg(birth_date)::date) DESC, m.family_name, m.given_name, m.member_id
LIMIT sqlc.arg(most);

-- name: RequestByChild :one
-- The open request of an account about one child.
SELECT reference FROM enrollment.guardian_requests
WHERE account_id = sqlc.arg(account) AND birth_date = sqlc.arg(birth_date)::date AND lower(given_name) = lower(sqlc.arg(given_name)::text)
  AND lower(family_name) = lower(sqlc.arg(family_name)::text) AND state = 'requested';

-- name: InsertRequest :execrows
-- No row: the reference is taken, or the same child is asked for already.
INSERT INTO enrollment.guardian_requests (request_id, reference, account_id, own_patient_id, given_name, family_name, birth_date, member_no,
    attestation_version, attestation_language, attestation_hash, state, why, member_id, patient_id, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, CASE WHEN $12 = 'requested' THEN NULL ELSE clock.now() END)
ON CONFLICT DO NOTHING;

-- name: InsertChild :exec
INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
VALUES ($1, $2, $3, $4, $5, 'patient');

-- name: InsertGuardian :execrows
-- No row: the account acts for the child already.
INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date, until_date)
SELECT sqlc.arg(acts_for_id), sqlc.arg(account), p.patient_id, 'guardian', sqlc.arg(today)::date, enrollment.minor_until(p.birth_date)
FROM enrollment.patients p
WHERE p.patient_id = sqlc.arg(patient) AND enrollment.minor_until(p.birth_date) >= sqlc.arg(today)::date
ON CONFLICT DO NOTHING;

-- name: OtherGuardiansOf :many
-- Whoever else is the guardian of a child today.
SELECT DISTINCT a.account_id FROM enrollment.acts_for a
WHERE a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND a.relation = 'guardian' AND a.account_id <> sqlc.arg(account)
  AND a.from_date <= sqlc.arg(today)::date AND a.until_date >= sqlc.arg(today)::date
ORDER BY a.account_id;

-- name: ChildrenOf :many
SELECT a.patient_id, p.given_name, p.family_name, p.birth_date
FROM enrollment.acts_for a JOIN enrollment.patients p ON p.patient_id = a.patient_id
WHERE a.account_id = sqlc.arg(account) AND a.relation = 'guardian' AND a.until_date >= sqlc.arg(today)::date
ORDER BY a.created_at, a.acts_for_id;

-- name: EndedByStaff :one
-- Whether staff ended the right of an account to a child of this birth date: as
-- it is on file, of whoever is the same person, or as it was typed then.
SELECT EXISTS (
    SELECT FROM enrollment.acts_for_ended e
    WHERE e.account_id = sqlc.arg(account) AND e.relation = 'guardian' AND e.ended_by <> e.account_id
      AND (EXISTS (SELECT FROM enrollment.patients p WHERE p.patient_id IN (SELECT enrollment.same_person(e.patient_id))
                   AND p.birth_date = sqlc.arg(birth_date)::date)
           OR EXISTS (SELECT FROM enrollment.guardian_requests r WHERE r.account_id = e.account_id AND r.patient_id = e.patient_id
                      AND r.birth_date = sqlc.arg(birth_date)::date)))::boolean AS ended;

-- name: InsertCaregiver :execrows
-- No row: the account acts for the patient already.
INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date)
VALUES ($1, $2, $3, 'caregiver', $4)
ON CONFLICT DO NOTHING;

-- name: PatientOfRight :one
SELECT patient_id FROM enrollment.acts_for WHERE acts_for_id = $1;

-- name: LockRight :one
-- A right that the account may end today: its own, or that of a caregiver of
-- the person that it is itself.
SELECT a.acts_for_id, a.account_id, a.patient_id, a.relation FROM enrollment.acts_for a
WHERE a.acts_for_id = sqlc.arg(acts_for_id) AND a.relation <> 'self' AND a.from_date <= sqlc.arg(today)::date
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
  AND (a.account_id = sqlc.arg(account)
       OR (a.relation = 'caregiver' AND EXISTS (
           SELECT FROM enrollment.acts_for s WHERE s.patient_id IN (SELECT enrollment.same_person(a.patient_id))
           AND s.account_id = sqlc.arg(account) AND s.relation = 'self' AND (s.until_date IS NULL OR s.until_date >= sqlc.arg(today)::date))))
FOR UPDATE OF a;

-- name: LockGuardian :one
-- A guardian's right that staff may end today.
SELECT a.acts_for_id, a.account_id, a.patient_id, a.relation FROM enrollment.acts_for a
WHERE a.acts_for_id = sqlc.arg(acts_for_id) AND a.relation = 'guardian' AND a.until_date >= sqlc.arg(today)::date
FOR UPDATE OF a;

-- name: LockSameGuardian :many
-- What else makes the same account a guardian of the same person today.
SELECT a.acts_for_id, a.account_id, a.patient_id, a.relation FROM enrollment.acts_for a
WHERE a.account_id = sqlc.arg(account) AND a.acts_for_id <> sqlc.arg(acts_for_id) AND a.relation = 'guardian' AND a.until_date >= sqlc.arg(today)::date
  AND a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid))
ORDER BY a.acts_for_id
FOR UPDATE OF a;

-- name: ConcernedByRight :one
-- Whether a right to a patient concerns an account: through the patient, or
-- through who has it.
SELECT (enrollment.concerned(sqlc.arg(actor)::uuid, ARRAY[sqlc.arg(patient)::uuid])
    OR EXISTS (SELECT FROM enrollment.acts_for s WHERE s.account_id = sqlc.arg(guardian) AND s.relation = 'self'
               AND enrollment.concerned(sqlc.arg(actor)::uuid, ARRAY[s.patient_id])))::boolean AS concerned;

-- name: ConcernedByRequest :one
-- Whether a request concerns an account: through who asks, through the member
-- whom staff chose, through the number that was typed, or because the account
-- has a child of that birth date: until it is decided nobody knows who is meant.
SELECT (enrollment.concerned(sqlc.arg(actor)::uuid, ARRAY[sqlc.arg(own_patient)::uuid])
    OR EXISTS (SELECT FROM enrollment.members m
               WHERE (m.member_id = sqlc.narg(member)::uuid
                      OR (sqlc.arg(number)::text <> '' AND (enrollment.fold_number(m.subscriber_no) = sqlc.arg(number)::text
                                                            OR enrollment.fold_number(m.own_no) = sqlc.arg(number)::text)))
                 AND m.patient_id IS NOT NULL AND enrollment.concerned(sqlc.arg(actor)::uuid, ARRAY[m.patient_id]))
    OR EXISTS (SELECT FROM enrollment.patients p
               WHERE p.birth_date = sqlc.arg(birth_date)::date AND p.patient_id IN (
                   SELECT a.patient_id FROM enrollment.acts_for a WHERE a.account_id = sqlc.arg(actor)::uuid AND a.relation = 'guardian'
                   UNION
                   SELECT e.patient_id FROM enrollment.acts_for_ended e
                   WHERE e.account_id = sqlc.arg(actor)::uuid AND e.relation = 'guardian')))::boolean AS concerned;

-- name: EndRight :exec
WITH gone AS (
    DELETE FROM enrollment.acts_for a WHERE a.acts_for_id = sqlc.arg(acts_for_id)
    RETURNING a.acts_for_id, a.account_id, a.patient_id, a.relation, a.from_date
)
INSERT INTO enrollment.acts_for_ended (acts_for_id, account_id, patient_id, relation, from_date, ended_by)
SELECT acts_for_id, account_id, patient_id, relation, from_date, sqlc.arg(ended_by) FROM gone;

-- name: AccountOf :one
-- The account that a patient is reached by.
SELECT account_id FROM enrollment.acts_for
WHERE patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND relation = 'self' AND (until_date IS NULL OR until_date >= sqlc.arg(today)::date);

-- name: LockAccountPatient :exec
-- Invitations of one patient take turns.
SELECT FROM enrollment.patients WHERE patient_id = $1 FOR NO KEY UPDATE;

-- name: WithdrawOpen :exec
-- A new invitation to an address takes the place of the one before.
UPDATE enrollment.caregiver_invitations SET state = 'withdrawn', token_sealed = NULL
WHERE account_id = sqlc.arg(account) AND lower(email) = lower(sqlc.arg(email)::text) AND state IN ('queued', 'sent');

-- name: CountOpenInvitations :one
SELECT count(*) FROM enrollment.caregiver_invitations
WHERE account_id = sqlc.arg(account) AND state IN ('queued', 'sent') AND expires_at > clock.now();

-- name: InsertCaregiverInvitation :exec
INSERT INTO enrollment.caregiver_invitations (invitation_id, account_id, patient_id, token_hash, token_sealed, email, language, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: Withdraw :execrows
-- Again, it changes nothing.
UPDATE enrollment.caregiver_invitations SET state = 'withdrawn', token_sealed = NULL
WHERE invitation_id = sqlc.arg(invitation_id) AND account_id = sqlc.arg(account) AND state IN ('queued', 'sent', 'withdrawn');

-- name: CaregiverInvitationToMail :one
SELECT i.state, i.token_sealed, i.email, i.language, (i.expires_at <= clock.now())::boolean AS expired, p.given_name
FROM enrollment.caregiver_invitations i JOIN enrollment.patients p ON p.patient_id = i.patient_id
WHERE i.invitation_id = $1;

-- name: MarkCaregiverInvitationSent :execrows
UPDATE enrollment.caregiver_invitations SET state = 'sent', sent_at = clock.now(), token_sealed = NULL
WHERE invitation_id = $1 AND state = 'queued';

-- name: MarkCaregiverInvitationFailed :execrows
UPDATE enrollment.caregiver_invitations SET state = 'failed', token_sealed = NULL
WHERE invitation_id = $1 AND state = 'queued';

-- name: OpenCaregiverInvitation :one
-- Good only while whoever invites is still the patient.
SELECT p.given_name, (i.state IN ('queued', 'sent') AND i.expires_at > clock.now() AND EXISTS (
           SELECT FROM enrollment.acts_for a WHERE a.account_id = i.account_id AND a.patient_id = i.patient_id AND a.relation = 'self'
           AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)))::boolean AS good
FROM enrollment.caregiver_invitations i JOIN enrollment.patients p ON p.patient_id = i.patient_id
WHERE i.token_hash = sqlc.arg(token_hash);

-- name: LockCaregiverInvitation :one
SELECT i.invitation_id, i.account_id, i.patient_id, i.state, i.caregiver_account_id,
       (i.state IN ('queued', 'sent') AND i.expires_at > clock.now() AND EXISTS (
           SELECT FROM enrollment.acts_for a WHERE a.account_id = i.account_id AND a.patient_id = i.patient_id AND a.relation = 'self'
           AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)))::boolean AS good
FROM enrollment.caregiver_invitations i
WHERE i.token_hash = sqlc.arg(token_hash)
FOR UPDATE OF i;

-- name: MarkCaregiverInvitationAccepted :exec
UPDATE enrollment.caregiver_invitations
SET state = 'accepted', accepted_at = clock.now(), token_sealed = NULL, caregiver_account_id = sqlc.arg(caregiver)::uuid
WHERE invitation_id = sqlc.arg(invitation_id);

-- name: OpenRequests :many
SELECT r.request_id, r.reference, r.attested_at, r.own_patient_id, r.given_name, r.family_name, r.birth_date, r.member_no, r.why,
       p.given_name AS asker_given_name, p.family_name AS asker_family_name, p.birth_date AS asker_birth_date
FROM enrollment.guardian_requests r JOIN enrollment.patients p ON p.patient_id = r.own_patient_id
WHERE r.state = 'requested'
ORDER BY r.attested_at, r.request_id
LIMIT sqlc.arg(most);

-- name: CountOpenRequests :one
SELECT count(*) FROM enrollment.guardian_requests WHERE state = 'requested';

-- name: OpenRequest :one
SELECT r.request_id, r.reference, r.attested_at, r.own_patient_id, r.given_name, r.family_name, r.birth_date, r.member_no, r.why,
       p.given_name AS asker_given_name, p.family_name AS asker_family_name, p.birth_date AS asker_birth_date
FROM enrollment.guardian_requests r JOIN enrollment.patients p ON p.patient_id = r.own_patient_id
WHERE r.request_id = $1 AND r.state = 'requested';

-- name: LockRequest :one
SELECT request_id, reference, account_id, own_patient_id, given_name, family_name, birth_date, member_no, state
FROM enrollment.guardian_requests WHERE request_id = $1
FOR UPDATE;

-- name: MinorMember :one
-- A member who is a minor; held, so that a roster's change waits.
SELECT m.member_id FROM enrollment.members m
WHERE m.member_id = sqlc.arg(member) AND enrollment.minor_until(m.birth_date) >= sqlc.arg(today)::date
FOR NO KEY UPDATE OF m;

-- name: ApproveRequest :exec
UPDATE enrollment.guardian_requests
SET state = 'approved', member_id = sqlc.narg(member_id), patient_id = sqlc.arg(patient_id)::uuid, decided_at = clock.now(),
    decided_by = sqlc.arg(decided_by)::uuid, note_sealed = sqlc.arg(note_sealed)
WHERE request_id = sqlc.arg(request_id) AND state = 'requested';

-- name: RefuseRequest :exec
UPDATE enrollment.guardian_requests
SET state = 'refused', decided_at = clock.now(), decided_by = sqlc.arg(decided_by)::uuid, note_sealed = sqlc.arg(note_sealed)
WHERE request_id = sqlc.arg(request_id) AND state = 'requested';

-- name: PatientName :one
SELECT given_name FROM enrollment.patients WHERE patient_id = $1;

-- name: EndInvitations :execrows
-- Tokens of those that never left are wiped when their time has passed.
UPDATE enrollment.caregiver_invitations SET state = 'withdrawn', token_sealed = NULL
WHERE state IN ('queued', 'sent') AND expires_at <= clock.now();

-- name: SubscribersToTell :many
-- The roster's addresses of the subscribers of a minor, once each: not one of
-- the account that has just become the guardian, nor of another guardian, who is
-- told as such; not one that mail does not reach. Of an adult, nobody's.
SELECT DISTINCT ON (lower(o.email)) o.email, o.language
FROM enrollment.members m
JOIN enrollment.members o ON o.member_id = coalesce(m.subscriber_member_id, m.member_id) AND o.is_subscriber AND o.email <> ''
WHERE m.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND NOT m.is_subscriber
  AND enrollment.minor_until(m.birth_date) >= sqlc.arg(today)::date
  AND EXISTS (SELECT FROM enrollment.patients p WHERE p.patient_id = m.patient_id AND enrollment.minor_until(p.birth_date) >= sqlc.arg(today)::date)
  AND NOT EXISTS (
      SELECT FROM enrollment.acts_for g
      JOIN enrollment.acts_for s ON s.account_id = g.account_id AND s.relation = 'self'
      WHERE g.patient_id IN (SELECT enrollment.same_person(m.patient_id)) AND g.relation = 'guardian' AND g.until_date >= sqlc.arg(today)::date
        AND (s.patient_id IN (SELECT enrollment.same_person(o.patient_id))
             OR EXISTS (SELECT FROM enrollment.contact_points c WHERE c.patient_id = s.patient_id AND c.kind = 'email' AND lower(c.value) = lower(o.email))))
  AND NOT EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(o.email))
ORDER BY lower(o.email), o.member_id;

-- name: Stands :one
-- What a notice may say, as it is now: whether an account acts for a patient,
-- whether another one is their guardian too, whether who is the patient acts for
-- the account's own, and whether a request still waits.
SELECT EXISTS (SELECT FROM enrollment.acts_for a
               WHERE a.account_id = sqlc.arg(account) AND a.relation <> 'self' AND a.from_date <= sqlc.arg(today)::date
                 AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)
                 AND a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(about)::uuid)))::boolean AS acts,
       EXISTS (SELECT FROM enrollment.acts_for a
               WHERE a.account_id <> sqlc.arg(account) AND a.relation = 'guardian' AND a.from_date <= sqlc.arg(today)::date
                 AND a.until_date >= sqlc.arg(today)::date
                 AND a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(about)::uuid)))::boolean AS another,
       EXISTS (SELECT FROM enrollment.acts_for o
               JOIN enrollment.acts_for me ON me.account_id = sqlc.arg(account) AND me.relation = 'self'
               JOIN enrollment.acts_for a ON a.account_id = o.account_id AND a.relation = 'caregiver'
                    AND a.patient_id IN (SELECT enrollment.same_person(me.patient_id))
               WHERE o.relation = 'self' AND o.patient_id IN (SELECT enrollment.same_person(sqlc.arg(about)::uuid))
                 AND a.from_date <= sqlc.arg(today)::date AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date))::boolean AS acted_for,
       EXISTS (SELECT FROM enrollment.guardian_requests r WHERE r.request_id = sqlc.arg(request) AND r.state = 'requested')::boolean AS waits;
