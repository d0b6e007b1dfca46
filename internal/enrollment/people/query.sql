-- name: Candidates :many
-- Everybody whom a number may mean, with all that the decision needs, so that
-- every attempt asks once.
SELECT m.member_id, m.family_name, m.birth_date, m.email, m.patient_id,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
               AND a.from_date <= sqlc.arg(today)::date AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS active,
       enrollment.email_shared(m.member_id)::boolean AS shared
FROM enrollment.members m
WHERE enrollment.fold_number(m.subscriber_no) = sqlc.arg(number)::text
   OR enrollment.fold_number(m.own_no) = sqlc.arg(number)::text
ORDER BY m.member_id
LIMIT sqlc.arg(most);

-- name: LockMember :one
-- Finishing an activation and a roster's change of the same member take turns.
SELECT m.member_id, m.patient_id, m.given_name, m.family_name, m.birth_date, m.email
FROM enrollment.members m WHERE m.member_id = $1
FOR NO KEY UPDATE;

-- name: LockMembers :many
SELECT m.member_id, m.patient_id FROM enrollment.members m
WHERE m.member_id = ANY (sqlc.arg(members)::uuid[])
ORDER BY m.member_id
FOR NO KEY UPDATE;

-- name: MemberContact :one
-- Empty where the address may be somebody else's as well: an adult dependent's
-- mail never goes to the subscriber, nor to who was their guardian.
SELECT (CASE WHEN enrollment.email_shared(m.member_id) THEN '' ELSE m.email END)::text AS email, m.language
FROM enrollment.members m WHERE m.member_id = $1;

-- name: LinkMember :exec
UPDATE enrollment.members SET patient_id = $2 WHERE member_id = $1;

-- name: InsertPatient :exec
INSERT INTO enrollment.patients (patient_id, given_name, family_name, birth_date, language, details_source)
VALUES ($1, $2, $3, $4, $5, 'roster');

-- name: LockPatients :many
-- Whoever publishes a patient's facts holds the row, so that no snapshot in the
-- feed misses another's change. Patients who are the same human have facts of
-- each other, so that all of them are held.
SELECT p.patient_id FROM enrollment.patients p
WHERE p.patient_id IN (SELECT enrollment.same_person(one) FROM unnest(sqlc.arg(patients)::uuid[]) AS one)
ORDER BY p.patient_id
FOR UPDATE OF p;

-- name: MergesAmong :many
-- The merges that join these patients with others.
SELECT DISTINCT m.survivor_id, m.absorbed_id FROM enrollment.patient_merges m
WHERE m.undone_at IS NULL
  AND m.absorbed_id IN (SELECT enrollment.same_person(one) FROM unnest(sqlc.arg(patients)::uuid[]) AS one)
ORDER BY m.survivor_id, m.absorbed_id;

-- name: SurvivorOf :one
SELECT enrollment.survivor_of(sqlc.arg(patient)::uuid)::uuid AS patient_id;

-- name: QueueDuplicateCheck :exec
-- Patients who appeared or changed are compared with the others soon.
INSERT INTO enrollment.duplicate_queue (patient_id)
SELECT one FROM unnest(sqlc.arg(patients)::uuid[]) AS one ORDER BY one
ON CONFLICT DO NOTHING;

-- name: FactsOf :many
SELECT patient_id, given_name, family_name, birth_date, language, coalesce(time_zone, '')::text AS time_zone
FROM enrollment.patients WHERE patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY patient_id;

-- name: ActsForOf :many
SELECT patient_id, account_id, relation, from_date, until_date, (certainty = 'limited')::boolean AS limited FROM enrollment.acts_for
WHERE patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY patient_id, from_date, acts_for_id;

-- name: CoveragesOf :many
SELECT m.patient_id, c.coverage_id, p.name AS payer_name, c.plan, c.line, c.starts, c.ends, c.member_id
FROM enrollment.members m
JOIN enrollment.coverages c ON c.member_id = m.member_id AND NOT c.voided
JOIN enrollment.payers p ON p.payer_id = m.payer_id
WHERE m.patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY m.patient_id, c.starts, c.coverage_id;

-- name: ContactsOf :many
-- The best first: what the patient proved, then what they typed, then what a
-- roster says. Mail goes only to an address that the patient proved: a roster's
-- may be the subscriber's, or that of who was their guardian. None goes to an
-- account that a merge has put aside.
SELECT patient_id, kind, value, state FROM enrollment.contact_points c
WHERE patient_id = ANY (sqlc.arg(patients)::uuid[]) AND (kind <> 'email' OR (verified_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM enrollment.suspended_rights s JOIN enrollment.patient_merges m ON m.merge_id = s.merge_id AND m.undone_at IS NULL
    WHERE (s.was ->> 'patient_id')::uuid = c.patient_id AND s.was ->> 'relation' = 'self')))
ORDER BY patient_id, kind, verified_at DESC NULLS LAST, source, created_at DESC, contact_id;

-- name: ConsentsOf :many
-- The newest of each kind, version, language and method, and all of the last
-- hour: somebody may be about to book with one of those in two places at once.
SELECT patient_id, consent_id, kind, version, language, method, given_at,
       enrollment.given_by(patient_id, account_id, method, given_at)::text AS given_by FROM (
    SELECT *, row_number() OVER (PARTITION BY patient_id, kind, version, language, method ORDER BY given_at DESC, consent_id) AS nth
    FROM enrollment.consents WHERE patient_id = ANY (sqlc.arg(patients)::uuid[])
) c
WHERE nth = 1 OR given_at > clock.now() - interval '1 hour'
ORDER BY patient_id, kind, version, language, given_at DESC, consent_id;

-- name: PatientsOfAccount :many
-- Of patients who are the same human, the one who goes on.
SELECT enrollment.survivor_of(patient_id)::uuid AS patient_id FROM enrollment.acts_for
WHERE account_id = sqlc.arg(account) AND from_date <= sqlc.arg(today)::date
  AND (until_date IS NULL OR until_date >= sqlc.arg(today)::date)
GROUP BY 1
ORDER BY bool_or(relation = 'self') DESC, 1;

-- name: MayActFor :one
-- Whether the account may act for a patient today.
SELECT EXISTS (
    SELECT FROM enrollment.acts_for a
    WHERE a.patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND a.account_id = sqlc.arg(account) AND a.from_date <= sqlc.arg(today)::date
      AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date))::boolean AS may;

-- name: SetLanguage :exec
UPDATE enrollment.patients SET language = $2, updated_at = clock.now() WHERE patient_id = $1;

-- name: InsertConsent :exec
INSERT INTO enrollment.consents (consent_id, patient_id, kind, version, language, document_hash, account_id)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: InsertVerbalConsent :exec
INSERT INTO enrollment.consents (consent_id, patient_id, kind, version, language, document_hash, account_id, method)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'verbal');

-- name: SelfOfAccount :one
SELECT patient_id FROM enrollment.acts_for
WHERE account_id = sqlc.arg(account) AND relation = 'self'
  AND (until_date IS NULL OR until_date >= sqlc.arg(today)::date);

-- name: SelfOfPatient :one
SELECT account_id FROM enrollment.acts_for
WHERE patient_id IN (SELECT enrollment.same_person(sqlc.arg(patient)::uuid)) AND relation = 'self'
  AND (until_date IS NULL OR until_date >= sqlc.arg(today)::date);

-- name: InsertSelf :execrows
-- No row: the account or the patient was taken in the meantime.
INSERT INTO enrollment.acts_for (acts_for_id, account_id, patient_id, relation, from_date)
VALUES ($1, $2, $3, 'self', $4)
ON CONFLICT DO NOTHING;

-- name: PutProvenEmail :exec
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, verified_at)
VALUES ($1, $2, 'email', 'patient', $3, clock.now())
ON CONFLICT (patient_id, kind, lower(value)) WHERE source = 'patient' DO UPDATE SET verified_at = excluded.verified_at;

-- name: DropRosterContacts :exec
-- What a roster no longer says.
DELETE FROM enrollment.contact_points c USING enrollment.members m
WHERE c.member_id = m.member_id AND c.source = 'roster' AND m.member_id = ANY (sqlc.arg(members)::uuid[])
  AND (m.patient_id IS DISTINCT FROM c.patient_id
    OR (c.kind = 'email' AND m.email = '') OR (c.kind = 'phone' AND m.phone = '')
    OR (c.kind = 'address' AND m.state = '' AND m.zip = ''));

-- name: PutRosterContacts :exec
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, member_id, value, state, zip)
SELECT gen_random_uuid(), m.patient_id, v.kind, 'roster', m.member_id, v.value, v.state, v.zip
FROM enrollment.members m,
     LATERAL (VALUES ('email', m.email, '', ''), ('phone', m.phone, '', ''),
                     ('address', concat_ws(E'\n', nullif(m.address1, ''), nullif(m.address2, ''), nullif(m.city, '')), m.state, m.zip)
             ) AS v (kind, value, state, zip)
WHERE m.member_id = ANY (sqlc.arg(members)::uuid[]) AND m.patient_id IS NOT NULL
  AND (CASE v.kind WHEN 'address' THEN v.state <> '' OR v.zip <> '' ELSE v.value <> '' END)
ON CONFLICT (member_id, kind) WHERE source = 'roster'
DO UPDATE SET value = excluded.value, state = excluded.state, zip = excluded.zip
WHERE (contact_points.value, contact_points.state, contact_points.zip) IS DISTINCT FROM (excluded.value, excluded.state, excluded.zip);

-- name: FollowRoster :exec
-- A roster's corrections reach the patient: at most one of first name, family
-- name and birth date at a time. More than that may be another person.
UPDATE enrollment.patients p
SET given_name = n.given_name, family_name = n.family_name, birth_date = n.birth_date, updated_at = clock.now()
FROM (SELECT DISTINCT ON (m.patient_id) m.patient_id, m.given_name, m.family_name, m.birth_date
      FROM enrollment.members m
      WHERE m.member_id = ANY (sqlc.arg(members)::uuid[]) AND m.patient_id IS NOT NULL
      ORDER BY m.patient_id, m.updated_at DESC, m.member_id) n
WHERE n.patient_id = p.patient_id AND p.details_source = 'roster'
  AND (p.given_name, p.family_name, p.birth_date) IS DISTINCT FROM (n.given_name, n.family_name, n.birth_date)
  AND (lower(p.given_name) <> lower(n.given_name))::int + (lower(p.family_name) <> lower(n.family_name))::int
    + (p.birth_date <> n.birth_date)::int <= 1;

-- name: FollowMajority :exec
-- A guardian's right ends with the child's minority, whatever birth date a
-- roster corrects.
UPDATE enrollment.acts_for a SET until_date = greatest(a.from_date, enrollment.minor_until(p.birth_date))
FROM enrollment.patients p
WHERE p.patient_id = a.patient_id AND a.patient_id = ANY (sqlc.arg(patients)::uuid[]) AND a.relation = 'guardian'
  AND a.until_date <> greatest(a.from_date, enrollment.minor_until(p.birth_date));

-- name: DifferingMembers :many
SELECT m.member_id FROM enrollment.members m JOIN enrollment.patients p ON p.patient_id = m.patient_id
WHERE m.member_id = ANY (sqlc.arg(members)::uuid[]) AND p.details_source = 'roster'
  AND (lower(p.given_name) <> lower(m.given_name))::int + (lower(p.family_name) <> lower(m.family_name))::int
    + (p.birth_date <> m.birth_date)::int > 1
ORDER BY m.member_id;

-- name: InsertActivation :exec
-- One statement whether a case is made or not.
WITH a AS (
    INSERT INTO enrollment.activations (activation_id, reference, state, member_id, email, number_hash, code_hash, language, created_at, expires_at, typed)
    VALUES (sqlc.arg(activation_id), sqlc.arg(reference), sqlc.arg(state), sqlc.narg(member_id), sqlc.arg(email),
            sqlc.arg(number_hash), sqlc.arg(code_hash), sqlc.arg(language), sqlc.arg(at), sqlc.arg(expires_at), sqlc.arg(typed))
    RETURNING activation_id, reference
)
INSERT INTO enrollment.activation_cases (case_id, reference, reason, activation_id, member_id)
SELECT sqlc.arg(case_id), a.reference, sqlc.arg(reason), a.activation_id, sqlc.narg(case_member_id)::uuid
FROM a WHERE sqlc.arg(reason)::text <> '';

-- name: ActivationToMail :one
SELECT a.state, a.email, a.language, (a.expires_at <= clock.now())::boolean AS expired, coalesce(c.reason, '')::text AS reason
FROM enrollment.activations a LEFT JOIN enrollment.activation_cases c ON c.activation_id = a.activation_id
WHERE a.activation_id = $1;

-- name: MarkCodeSent :exec
UPDATE enrollment.activations SET state = 'code_sent' WHERE activation_id = $1 AND state = 'started';

-- name: LockActivation :one
SELECT activation_id, reference, state, member_id, email, code_hash, tries, language, typed,
       (expires_at <= clock.now())::boolean AS expired, (proven_at IS NOT NULL)::boolean AS proven
FROM enrollment.activations WHERE activation_id = $1
FOR UPDATE;

-- name: CountTry :exec
UPDATE enrollment.activations SET tries = tries + 1 WHERE activation_id = $1 AND tries < 5;

-- name: MarkProven :exec
UPDATE enrollment.activations SET proven_at = coalesce(proven_at, clock.now()) WHERE activation_id = $1;

-- name: ConfirmActivation :exec
UPDATE enrollment.activations
SET state = 'confirmed', proven_at = coalesce(proven_at, clock.now()), confirmed_at = coalesce(confirmed_at, clock.now()),
    patient_id = sqlc.arg(patient_id), account_id = sqlc.arg(account_id)
WHERE activation_id = sqlc.arg(activation_id);

-- name: SendActivationToStaff :exec
UPDATE enrollment.activations SET state = 'to_staff' WHERE activation_id = $1 AND state IN ('started', 'code_sent');

-- name: Invitable :many
-- Adults with an address of their own and neither account nor open invitation.
SELECT m.member_id, m.email, m.language FROM enrollment.members m
WHERE m.member_id = ANY (sqlc.arg(members)::uuid[]) AND m.email <> '' AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
  AND NOT EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
                  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date))
  AND NOT EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id AND i.state IN ('queued', 'sent')
                  AND i.expires_at > clock.now())
  AND NOT enrollment.email_shared(m.member_id)
  AND NOT EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email))
ORDER BY m.member_id;

-- name: EndInvitations :exec
-- Those whose time has passed make room for new ones.
UPDATE enrollment.invitations SET state = 'expired', token_sealed = NULL
WHERE state IN ('queued', 'sent') AND expires_at <= clock.now()
  AND member_id = ANY (sqlc.arg(members)::uuid[]);

-- name: LastSend :one
-- When the newest of the waiting mails leaves; long ago if none waits.
SELECT coalesce(max(send_at), to_timestamp(0))::timestamptz AS send_at
FROM enrollment.invitations WHERE state = 'queued';

-- name: InsertInvitations :many
INSERT INTO enrollment.invitations (invitation_id, member_id, token_hash, token_sealed, email, language, send_at, created_at, expires_at)
SELECT unnest(sqlc.arg(invitations)::uuid[]), unnest(sqlc.arg(members)::uuid[]), unnest(sqlc.arg(hashes)::bytea[]),
       unnest(sqlc.arg(sealed)::bytea[]), unnest(sqlc.arg(emails)::text[]), unnest(sqlc.arg(languages)::text[]),
       unnest(sqlc.arg(sends)::timestamptz[]), sqlc.arg(now)::timestamptz, unnest(sqlc.arg(ends)::timestamptz[])
ON CONFLICT (member_id) WHERE state IN ('queued', 'sent') DO NOTHING
RETURNING invitation_id, send_at;

-- name: MarkInvited :exec
UPDATE enrollment.members SET invited_at = clock.now() WHERE member_id = ANY (sqlc.arg(members)::uuid[]);

-- name: InvitationToMail :one
SELECT i.state, i.token_sealed, i.email, i.language, (i.expires_at <= clock.now())::boolean AS expired,
       m.given_name, p.name AS payer_name, m.member_id
FROM enrollment.invitations i
JOIN enrollment.members m ON m.member_id = i.member_id
JOIN enrollment.payers p ON p.payer_id = m.payer_id
WHERE i.invitation_id = $1;

-- name: MarkInvitationSent :execrows
UPDATE enrollment.invitations SET state = 'sent', sent_at = clock.now(), token_sealed = NULL
WHERE invitation_id = $1 AND state = 'queued';

-- name: MarkInvitationFailed :execrows
UPDATE enrollment.invitations SET state = 'failed', token_sealed = NULL, failure = sqlc.arg(failure)
WHERE invitation_id = sqlc.arg(invitation_id) AND state = 'queued';

-- name: TakeInvitationTurn :one
-- The seconds until an invitation may leave. A turn that comes soon is taken:
-- whoever asks next comes after it. For any other the caller asks again.
WITH turn AS (
    UPDATE enrollment.invitation_pace SET next_at = greatest(next_at, clock.now()) + make_interval(secs => sqlc.arg(step)::float8)
    WHERE next_at <= clock.now() + make_interval(secs => sqlc.arg(soon)::float8)
    RETURNING next_at - make_interval(secs => sqlc.arg(step)::float8) AS at
)
SELECT EXISTS (SELECT FROM turn) AS taken,
       greatest(0, extract(epoch FROM coalesce((SELECT t.at FROM turn t), (SELECT p.next_at FROM enrollment.invitation_pace p)) - clock.now()))::float8 AS seconds;

-- name: MarkUndeliverable :exec
INSERT INTO enrollment.undeliverable_addresses (address_id, address, reason)
VALUES (sqlc.arg(address_id), lower(sqlc.arg(address)::text), sqlc.arg(reason))
ON CONFLICT (address) DO NOTHING;

-- name: OpenInvitation :one
SELECT i.state, (i.expires_at <= clock.now() OR lower(m.email) <> lower(i.email))::boolean AS expired,
       i.tries, i.email, i.language, m.given_name
FROM enrollment.invitations i JOIN enrollment.members m ON m.member_id = i.member_id
WHERE i.token_hash = $1;

-- name: LockInvitation :one
SELECT i.invitation_id, i.member_id, i.state, (i.expires_at <= clock.now())::boolean AS expired, i.tries, i.email, i.language,
       m.birth_date, (lower(m.email) <> lower(i.email))::boolean AS email_changed, enrollment.email_shared(m.member_id)::boolean AS shared,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS active
FROM enrollment.invitations i JOIN enrollment.members m ON m.member_id = i.member_id
WHERE i.token_hash = sqlc.arg(token_hash)
FOR UPDATE OF i;

-- name: CountInvitationTry :exec
UPDATE enrollment.invitations SET tries = tries + 1 WHERE invitation_id = $1 AND tries < 5;

-- name: AcceptInvitation :exec
UPDATE enrollment.invitations
SET state = 'accepted', accepted_at = clock.now(), token_sealed = NULL, patient_id = sqlc.arg(patient_id), account_id = sqlc.arg(account_id)
WHERE invitation_id = sqlc.arg(invitation_id) AND state <> 'accepted';

-- name: CloseInvitations :exec
-- A member who is a patient needs no link any more.
UPDATE enrollment.invitations SET state = 'expired', token_sealed = NULL
WHERE member_id = $1 AND state IN ('queued', 'sent');

-- name: InsertCase :execrows
-- Whoever has the account already is who asks.
INSERT INTO enrollment.activation_cases (case_id, reference, reason, activation_id, invitation_id, member_id, patient_id)
VALUES (sqlc.arg(case_id), sqlc.arg(reference), sqlc.arg(reason), sqlc.narg(activation_id), sqlc.narg(invitation_id), sqlc.narg(member_id),
    (SELECT a.patient_id FROM enrollment.acts_for a WHERE a.account_id = sqlc.narg(account)::uuid AND a.relation = 'self'
     AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)))
ON CONFLICT DO NOTHING;

-- name: CaseOfInvitation :one
SELECT reference FROM enrollment.activation_cases WHERE invitation_id = $1 AND reason = $2;

-- name: OpenCases :many
SELECT reference, reason, at FROM enrollment.activation_cases
WHERE closed_at IS NULL
ORDER BY at DESC, case_id
LIMIT sqlc.arg(most);

-- name: ExpireActivations :execrows
UPDATE enrollment.activations SET state = 'expired'
WHERE state IN ('started', 'code_sent') AND expires_at <= clock.now();

-- name: ExpireInvitations :execrows
UPDATE enrollment.invitations SET state = 'expired', token_sealed = NULL
WHERE state IN ('queued', 'sent') AND expires_at <= clock.now();

-- name: DemoMember :one
-- A subscriber with health coverage on the day, the same one on every machine.
SELECT m.member_id FROM enrollment.members m
JOIN enrollment.payers p ON p.payer_id = m.payer_id
WHERE p.name = sqlc.arg(payer) AND m.is_subscriber AND m.patient_id IS NULL AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
  AND EXISTS (SELECT FROM enrollment.coverages c WHERE c.member_id = m.member_id AND NOT c.voided
              AND c.line IN ('HLT', 'HMO', 'PPO', 'POS', 'EPO')
              AND c.starts <= sqlc.arg(today)::date AND (c.ends IS NULL OR c.ends >= sqlc.arg(today)::date))
ORDER BY m.subscriber_no, m.member_id
LIMIT 1;
