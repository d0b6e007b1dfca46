-- name: TakeQueued :many
-- Whoever is looked at now; another process takes others.
DELETE FROM enrollment.duplicate_queue
WHERE patient_id IN (SELECT q.patient_id FROM enrollment.duplicate_queue q ORDER BY q.since, q.patient_id
                     LIMIT sqlc.arg(most) FOR UPDATE SKIP LOCKED)
RETURNING patient_id;

-- name: Identities :many
-- What a patient is recognized by. A phone that somebody only typed tells
-- nothing. The best address comes first.
SELECT p.patient_id, p.given_name, p.family_name, p.birth_date,
       coalesce((SELECT array_agg(DISTINCT lower(c.value)) FROM enrollment.contact_points c
                 WHERE c.patient_id = p.patient_id AND c.kind = 'email'), '{}')::text[] AS emails,
       coalesce((SELECT array_agg(DISTINCT c.value) FROM enrollment.contact_points c
                 WHERE c.patient_id = p.patient_id AND c.kind = 'phone'
                   AND (c.verified_at IS NOT NULL OR c.source = 'roster')), '{}')::text[] AS phones,
       coalesce((SELECT array_agg(DISTINCT m.ssn_hash) FROM enrollment.members m
                 WHERE m.patient_id = p.patient_id AND m.ssn_hash IS NOT NULL), '{}')::bytea[] AS ssns,
       coalesce((SELECT lower(concat_ws(' ', c.value, c.state, left(c.zip, 5))) FROM enrollment.contact_points c
                 WHERE c.patient_id = p.patient_id AND c.kind = 'address'
                 ORDER BY c.verified_at DESC NULLS LAST, c.created_at DESC, c.contact_id LIMIT 1), '')::text AS address
FROM enrollment.patients p
WHERE p.patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY p.patient_id;

-- name: ForgetKeys :exec
DELETE FROM enrollment.duplicate_keys WHERE patient_id = ANY (sqlc.arg(patients)::uuid[]);

-- name: InsertKeys :exec
INSERT INTO enrollment.duplicate_keys (patient_id, kind, key)
SELECT unnest(sqlc.arg(patients)::uuid[]), unnest(sqlc.arg(kinds)::text[]), unnest(sqlc.arg(keys)::bytea[])
ON CONFLICT DO NOTHING;

-- name: Sharing :many
-- Pairs with one of these patients that share a key, each once and in order.
-- Pairs that are one person already are nothing to look at.
SELECT least(a.patient_id, b.patient_id)::uuid AS first_id, greatest(a.patient_id, b.patient_id)::uuid AS second_id,
       array_agg(DISTINCT a.kind ORDER BY a.kind)::text[] AS kinds
FROM enrollment.duplicate_keys a
JOIN enrollment.duplicate_keys b ON b.kind = a.kind AND b.key = a.key AND b.patient_id <> a.patient_id
WHERE a.patient_id = ANY (sqlc.arg(patients)::uuid[])
  AND b.patient_id NOT IN (SELECT enrollment.same_person(a.patient_id))
GROUP BY 1, 2
ORDER BY 1, 2
LIMIT sqlc.arg(most);

-- name: PutCandidate :exec
-- What staff decided stays, whatever else is found. A pair that somebody is
-- deciding about is passed over, not waited for: they wait for the queue that we
-- hold.
WITH known AS (
    SELECT c.candidate_id, c.state, c.why FROM enrollment.duplicate_candidates c
    WHERE c.first_id = sqlc.arg(first_id) AND c.second_id = sqlc.arg(second_id)
), stale AS (
    SELECT c.candidate_id FROM enrollment.duplicate_candidates c
    WHERE c.candidate_id IN (SELECT k.candidate_id FROM known k WHERE k.state = 'open' AND k.why <> sqlc.arg(why)::text[])
    FOR UPDATE SKIP LOCKED
), changed AS (
    UPDATE enrollment.duplicate_candidates c SET why = sqlc.arg(why)::text[]
    WHERE c.candidate_id IN (SELECT s.candidate_id FROM stale s) AND c.state = 'open'
)
INSERT INTO enrollment.duplicate_candidates (candidate_id, first_id, second_id, why)
SELECT sqlc.arg(candidate_id)::uuid, sqlc.arg(first_id)::uuid, sqlc.arg(second_id)::uuid, sqlc.arg(why)::text[]
WHERE NOT EXISTS (SELECT FROM known)
ON CONFLICT (first_id, second_id) DO NOTHING;

-- name: ListCandidates :many
SELECT c.candidate_id, c.first_id, c.second_id, c.why, c.state, c.found_at, c.decided_at,
       a.given_name AS first_given, a.family_name AS first_family, a.birth_date AS first_birth,
       b.given_name AS second_given, b.family_name AS second_family, b.birth_date AS second_birth
FROM enrollment.duplicate_candidates c
JOIN enrollment.patients a ON a.patient_id = c.first_id
JOIN enrollment.patients b ON b.patient_id = c.second_id
WHERE (c.state = 'open') = sqlc.arg(open)::boolean
  AND (sqlc.narg(after)::uuid IS NULL OR c.candidate_id < sqlc.narg(after)::uuid)
ORDER BY c.candidate_id DESC
LIMIT sqlc.arg(most);

-- name: Candidate :one
SELECT c.candidate_id, c.first_id, c.second_id, c.why, c.state, c.found_at, c.decided_at, c.merge_id, m.survivor_id
FROM enrollment.duplicate_candidates c
LEFT JOIN enrollment.patient_merges m ON m.merge_id = c.merge_id
WHERE c.candidate_id = $1;

-- name: LockCandidate :one
SELECT candidate_id, first_id, second_id, state, merge_id FROM enrollment.duplicate_candidates
WHERE candidate_id = $1
FOR UPDATE;

-- name: Sides :many
SELECT p.patient_id, p.given_name, p.family_name, p.birth_date, p.language, p.created_at,
       (EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = p.patient_id AND a.relation = 'self'
                AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date))
        OR EXISTS (SELECT FROM enrollment.suspended_rights s JOIN enrollment.patient_merges m ON m.merge_id = s.merge_id
                   WHERE m.undone_at IS NULL AND s.was ->> 'relation' = 'self' AND (s.was ->> 'patient_id')::uuid = p.patient_id))::boolean AS has_account,
       (SELECT count(*) FROM enrollment.acts_for a WHERE a.patient_id = p.patient_id AND a.relation <> 'self'
        AND a.from_date <= sqlc.arg(today)::date AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date))::integer AS others,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id IN (SELECT enrollment.same_person(p.patient_id)) AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date) AND a.certainty = 'limited')::boolean AS limited,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id IN (SELECT enrollment.same_person(p.patient_id)) AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date) AND NOT enrollment.identified(a.patient_id))::boolean AS unidentified
FROM enrollment.patients p
WHERE p.patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY p.patient_id;

-- name: ContactsOf :many
SELECT DISTINCT c.patient_id, c.kind, concat_ws(E'\n', nullif(c.value, ''), nullif(concat_ws(' ', nullif(c.state, ''), nullif(c.zip, '')), ''))::text AS value
FROM enrollment.contact_points c
WHERE c.patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY c.patient_id, c.kind, 3;

-- name: CoveragesOf :many
SELECT m.patient_id, c.coverage_id, p.name AS payer_name, c.plan, c.line, c.starts, c.ends, c.member_id
FROM enrollment.members m
JOIN enrollment.coverages c ON c.member_id = m.member_id AND NOT c.voided
JOIN enrollment.payers p ON p.payer_id = m.payer_id
WHERE m.patient_id = ANY (sqlc.arg(patients)::uuid[])
ORDER BY m.patient_id, c.starts DESC, c.coverage_id;

-- name: Persons :many
-- Both patients and everybody who is the same human as one of them.
SELECT p.patient_id, enrollment.survivor_of(p.patient_id)::uuid AS survivor_id FROM enrollment.patients p
WHERE p.patient_id IN (SELECT enrollment.same_person(one) FROM unnest(sqlc.arg(patients)::uuid[]) AS one)
ORDER BY p.patient_id;

-- name: Concerned :one
SELECT enrollment.concerned(sqlc.arg(account)::uuid, sqlc.arg(patients)::uuid[])::boolean AS concerned;

-- name: SelvesOf :many
-- The accounts that sign in as these patients, and how sure we are of each.
SELECT patient_id, (certainty = 'limited')::boolean AS limited, enrollment.identified(patient_id)::boolean AS identified
FROM enrollment.acts_for
WHERE patient_id = ANY (sqlc.arg(patients)::uuid[]) AND relation = 'self'
  AND (until_date IS NULL OR until_date >= sqlc.arg(today)::date)
ORDER BY patient_id;

-- name: UnshownGuardians :many
-- Guardians of one of two persons with nothing but their own word behind it, who
-- would become the other's by a merge. Who is the other's already gains nothing.
WITH one AS (
    SELECT enrollment.same_person(sqlc.arg(first)::uuid) AS patient_id, true AS of_first
    UNION ALL SELECT enrollment.same_person(sqlc.arg(second)::uuid), false
), mine AS (
    SELECT a.acts_for_id, a.account_id, a.patient_id, a.from_date, a.created_at, one.of_first
    FROM enrollment.acts_for a JOIN one ON one.patient_id = a.patient_id
    WHERE a.relation = 'guardian' AND a.until_date >= sqlc.arg(today)::date
)
SELECT a.acts_for_id, a.account_id, a.patient_id, a.from_date, a.of_first::boolean AS of_first,
       coalesce(g.given_name, '')::text AS given_name, coalesce(g.family_name, '')::text AS family_name
FROM mine a
LEFT JOIN LATERAL (
    SELECT p.given_name, p.family_name FROM enrollment.acts_for s JOIN enrollment.patients p ON p.patient_id = s.patient_id
    WHERE s.account_id = a.account_id AND s.relation = 'self' ORDER BY s.from_date DESC LIMIT 1) g ON true
WHERE NOT enrollment.guardian_shown(a.acts_for_id, a.account_id, a.patient_id)
  AND NOT EXISTS (SELECT FROM mine o WHERE o.account_id = a.account_id AND o.of_first <> a.of_first)
ORDER BY a.created_at, a.acts_for_id;

-- name: UnshownCaregivers :many
-- Caregivers of patients whom nobody has identified: whoever invited them may be
-- anybody.
SELECT a.acts_for_id, a.account_id, a.patient_id FROM enrollment.acts_for a
WHERE a.patient_id = ANY (sqlc.arg(patients)::uuid[]) AND a.relation = 'caregiver'
  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date) AND NOT enrollment.identified(a.patient_id)
ORDER BY a.created_at, a.acts_for_id;

-- name: InsertGuardianCheck :exec
INSERT INTO enrollment.guardian_checks (check_id, acts_for_id, account_id, patient_id, method, document, checked_by)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: PutAside :many
-- Rights to act for others that a merge has put aside.
SELECT s.acts_for_id, (s.was ->> 'account_id')::uuid AS account_id, (s.was ->> 'patient_id')::uuid AS patient_id,
       (s.was ->> 'relation')::text AS relation, (s.was ->> 'from_date')::date AS from_date,
       coalesce(g.given_name, '')::text AS given_name, coalesce(g.family_name, '')::text AS family_name
FROM enrollment.suspended_rights s
LEFT JOIN LATERAL (
    SELECT p.given_name, p.family_name FROM enrollment.acts_for o JOIN enrollment.patients p ON p.patient_id = o.patient_id
    WHERE o.account_id = (s.was ->> 'account_id')::uuid AND o.relation = 'self' ORDER BY o.from_date DESC LIMIT 1) g ON true
WHERE s.merge_id = sqlc.arg(merge_id)::uuid AND s.was ->> 'relation' <> 'self'
ORDER BY s.acts_for_id;

-- name: SuspendRights :one
SELECT enrollment.suspend_rights(sqlc.arg(merge_id)::uuid, sqlc.arg(rights)::uuid[])::integer AS suspended;

-- name: InsertCheck :exec
INSERT INTO enrollment.identity_checks (check_id, patient_id, method, document, outcome, account_id)
VALUES (sqlc.arg(check_id), sqlc.arg(patient_id)::uuid, sqlc.arg(method), sqlc.arg(document), 'passed', sqlc.arg(account_id));

-- name: InsertMerge :exec
INSERT INTO enrollment.patient_merges (merge_id, survivor_id, absorbed_id, merged_by) VALUES ($1, $2, $3, $4);

-- name: SuspendSelf :one
SELECT enrollment.suspend_self(sqlc.arg(merge_id)::uuid, sqlc.arg(patients)::uuid[], sqlc.arg(today)::date)::integer AS suspended;

-- name: RestoreRights :one
SELECT enrollment.restore_rights(sqlc.arg(merge_id)::uuid)::integer AS restored;

-- name: UndoMerge :exec
UPDATE enrollment.patient_merges SET undone_at = clock.now(), undone_by = $2 WHERE merge_id = $1 AND undone_at IS NULL;

-- name: DecideCandidate :exec
UPDATE enrollment.duplicate_candidates
SET state = sqlc.arg(state), merge_id = sqlc.narg(merge_id), decided_by = sqlc.arg(decided_by)::uuid, decided_at = clock.now()
WHERE candidate_id = sqlc.arg(candidate_id);

-- name: ReopenCandidate :exec
UPDATE enrollment.duplicate_candidates SET state = 'open', merge_id = NULL, decided_by = NULL, decided_at = NULL
WHERE candidate_id = $1;
