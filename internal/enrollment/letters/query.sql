-- name: CountWaiting :many
-- Who needs a letter, payer by payer. A letter on its way, or of the last two
-- weeks, is enough.
SELECT p.payer_id, p.name,
       count(m.member_id) AS waiting,
       count(m.member_id) FILTER (WHERE EXISTS (SELECT FROM enrollment.letter_requests r WHERE r.member_id = m.member_id AND r.letter_id IS NULL)) AS requested
FROM enrollment.payers p
LEFT JOIN enrollment.members m ON m.payer_id = p.payer_id AND m.patient_id IS NULL AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
  AND enrollment.postal_address(m.address1, m.address2, m.city, m.state, m.zip) <> ''
  AND (m.email = '' OR EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email))
       OR EXISTS (SELECT FROM enrollment.letter_requests r WHERE r.member_id = m.member_id AND r.letter_id IS NULL))
  AND EXISTS (SELECT FROM enrollment.coverages c WHERE c.member_id = m.member_id AND NOT c.voided
              AND c.starts <= sqlc.arg(today)::date AND (c.ends IS NULL OR c.ends >= sqlc.arg(today)::date))
  AND NOT EXISTS (SELECT FROM enrollment.letters l WHERE l.member_id = m.member_id
                  AND (l.state = 'open' AND l.expires_at > clock.now() OR l.state <> 'closed' AND l.made_at > clock.now() - interval '14 days'))
GROUP BY p.payer_id, p.name
ORDER BY p.name, p.payer_id;

-- name: PayerThere :one
SELECT EXISTS (SELECT FROM enrollment.payers WHERE payer_id = $1) AS there;

-- name: ChooseMembers :many
-- Who gets a letter now: who asked comes first. A letter that is open keeps
-- others away, unless the member asked again two weeks later.
SELECT m.member_id, m.language, enrollment.postal_address(m.address1, m.address2, m.city, m.state, m.zip) AS address,
       asked.yes::boolean AS asked
FROM enrollment.members m,
     LATERAL (SELECT EXISTS (SELECT FROM enrollment.letter_requests r WHERE r.member_id = m.member_id AND r.letter_id IS NULL) AS yes) asked
WHERE m.payer_id = sqlc.arg(payer_id) AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
  AND enrollment.postal_address(m.address1, m.address2, m.city, m.state, m.zip) <> ''
  AND NOT EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
                  AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date))
  AND (asked.yes OR sqlc.arg(everybody)::boolean AND m.patient_id IS NULL
       AND (m.email = '' OR EXISTS (SELECT FROM enrollment.undeliverable_addresses u WHERE u.address = lower(m.email))))
  AND EXISTS (SELECT FROM enrollment.coverages c WHERE c.member_id = m.member_id AND NOT c.voided
              AND c.starts <= sqlc.arg(today)::date AND (c.ends IS NULL OR c.ends >= sqlc.arg(today)::date))
  AND NOT EXISTS (SELECT FROM enrollment.letters l WHERE l.member_id = m.member_id AND l.state <> 'closed'
                  AND (l.made_at > clock.now() - interval '14 days' OR NOT asked.yes AND l.state = 'open' AND l.expires_at > clock.now()))
ORDER BY asked.yes DESC, m.member_id
LIMIT sqlc.arg(most)
FOR NO KEY UPDATE OF m SKIP LOCKED;

-- name: InsertBatch :exec
INSERT INTO enrollment.letter_batches (batch_id, payer_id, letters, made_by, made_at) VALUES ($1, $2, $3, $4, $5);

-- name: CloseOpenLetters :exec
-- A new letter takes the place of the one before.
UPDATE enrollment.letters SET state = 'closed', code_sealed = NULL
WHERE state = 'open' AND member_id = ANY (sqlc.arg(members)::uuid[]);

-- name: InsertLetters :exec
INSERT INTO enrollment.letters (letter_id, batch_id, member_id, code_hash, code_sealed, address, language, made_at, expires_at)
SELECT unnest(sqlc.arg(letters)::uuid[]), sqlc.arg(batch_id)::uuid, unnest(sqlc.arg(members)::uuid[]), unnest(sqlc.arg(hashes)::bytea[]),
       unnest(sqlc.arg(sealed)::bytea[]), unnest(sqlc.arg(addresses)::text[]), unnest(sqlc.arg(languages)::text[]),
       sqlc.arg(made_at)::timestamptz, sqlc.arg(expires_at)::timestamptz;

-- name: AnswerRequests :exec
UPDATE enrollment.letter_requests r SET letter_id = l.letter_id
FROM enrollment.letters l
WHERE l.batch_id = $1 AND r.member_id = l.member_id AND r.letter_id IS NULL;

-- name: ListBatches :many
SELECT b.batch_id, p.name AS payer_name, b.letters, b.made_at, b.made_by, b.state, b.settled_at,
       (SELECT count(*) FROM enrollment.letters l WHERE l.batch_id = b.batch_id AND l.state = 'used') AS used
FROM enrollment.letter_batches b
JOIN enrollment.payers p ON p.payer_id = b.payer_id
ORDER BY b.made_at DESC, b.batch_id
LIMIT sqlc.arg(most);

-- name: LockBatch :one
SELECT b.batch_id, b.state, b.made_by, b.made_at, b.letters, p.name AS payer_name
FROM enrollment.letter_batches b JOIN enrollment.payers p ON p.payer_id = b.payer_id
WHERE b.batch_id = $1
FOR UPDATE OF b;

-- name: LettersOf :many
SELECT l.letter_id, l.member_id, l.code_sealed, l.address, l.language, l.expires_at, m.given_name, m.family_name
FROM enrollment.letters l JOIN enrollment.members m ON m.member_id = l.member_id
WHERE l.batch_id = $1 AND l.state = 'open' AND l.code_sealed IS NOT NULL
ORDER BY l.letter_id;

-- name: SettleBatch :exec
UPDATE enrollment.letter_batches SET state = sqlc.arg(state), settled_by = sqlc.arg(settled_by)::uuid, settled_at = clock.now()
WHERE batch_id = sqlc.arg(batch_id);

-- name: ForgetCodes :exec
-- Mailed letters need no code here any more.
UPDATE enrollment.letters SET code_sealed = NULL WHERE batch_id = $1 AND code_sealed IS NOT NULL;

-- name: CloseBatch :exec
-- Letters that were thrown away open nothing, and their members get others.
UPDATE enrollment.letters SET state = 'closed', code_sealed = NULL WHERE batch_id = $1 AND state = 'open';

-- name: ReopenRequests :exec
UPDATE enrollment.letter_requests r SET letter_id = NULL
FROM enrollment.letters l WHERE l.batch_id = $1 AND r.letter_id = l.letter_id AND l.state = 'closed';

-- name: ForgetOldCodes :execrows
-- Nobody can print them any more.
UPDATE enrollment.letters SET code_sealed = NULL
WHERE code_sealed IS NOT NULL AND made_at <= clock.now() - make_interval(secs => sqlc.arg(age)::float8);

-- name: Asking :one
-- Whom typed details meant, where exactly one member fits who may have a letter.
SELECT a.activation_id, m.member_id
FROM enrollment.activations a
LEFT JOIN enrollment.activation_cases c ON c.activation_id = a.activation_id
LEFT JOIN enrollment.members m ON m.member_id = coalesce(a.member_id, c.member_id)
     AND m.birth_date <= sqlc.arg(adult_if_born_by)::date
     AND NOT EXISTS (SELECT FROM enrollment.acts_for f WHERE f.patient_id = m.patient_id AND f.relation = 'self'
                     AND (f.until_date IS NULL OR f.until_date >= sqlc.arg(today)::date))
WHERE a.activation_id = sqlc.arg(activation_id) AND a.state <> 'confirmed' AND a.created_at > clock.now() - interval '1 hour';

-- name: InsertRequest :exec
INSERT INTO enrollment.letter_requests (activation_id, member_id) VALUES (sqlc.arg(activation_id), sqlc.narg(member_id))
ON CONFLICT DO NOTHING;

-- name: LockLetter :one
SELECT l.letter_id, l.member_id, l.state, l.tries, l.language, m.birth_date, (l.expires_at <= clock.now())::boolean AS expired,
       (lower(l.address) <> lower(enrollment.postal_address(m.address1, m.address2, m.city, m.state, m.zip)))::boolean AS moved,
       EXISTS (SELECT FROM enrollment.acts_for a WHERE a.patient_id = m.patient_id AND a.relation = 'self'
               AND (a.until_date IS NULL OR a.until_date >= sqlc.arg(today)::date)) AS active
FROM enrollment.letters l JOIN enrollment.members m ON m.member_id = l.member_id
WHERE l.code_hash = sqlc.arg(code_hash)
FOR UPDATE OF l;

-- name: CountLetterTry :exec
UPDATE enrollment.letters SET tries = tries + 1 WHERE letter_id = $1 AND tries < 5;

-- name: InsertActivation :exec
INSERT INTO enrollment.letter_activations (activation_id, letter_id, language, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5);

-- name: LockActivation :one
SELECT a.activation_id, a.letter_id, a.language, a.email, a.code_hash, a.mails, a.tries, a.reference,
       (a.expires_at <= clock.now())::boolean AS expired, (a.confirmed_at IS NOT NULL)::boolean AS confirmed,
       l.member_id, l.state AS letter_state, l.address, m.birth_date,
       (lower(l.address) <> lower(enrollment.postal_address(m.address1, m.address2, m.city, m.state, m.zip)))::boolean AS moved
FROM enrollment.letter_activations a
JOIN enrollment.letters l ON l.letter_id = a.letter_id
JOIN enrollment.members m ON m.member_id = l.member_id
WHERE a.activation_id = $1
FOR UPDATE OF a;

-- name: SetEmail :exec
UPDATE enrollment.letter_activations SET email = sqlc.arg(email), code_hash = sqlc.arg(code_hash), mails = mails + 1, tries = 0
WHERE activation_id = sqlc.arg(activation_id) AND mails < 5;

-- name: CodeToMail :one
SELECT email, language, code_hash, (expires_at <= clock.now() OR confirmed_at IS NOT NULL)::boolean AS over
FROM enrollment.letter_activations WHERE activation_id = $1;

-- name: CountCodeTry :exec
UPDATE enrollment.letter_activations SET tries = tries + 1 WHERE activation_id = $1 AND tries < 5;

-- name: ConfirmActivation :exec
UPDATE enrollment.letter_activations SET confirmed_at = coalesce(confirmed_at, clock.now()), reference = sqlc.arg(reference)
WHERE activation_id = sqlc.arg(activation_id);

-- name: UseLetter :exec
UPDATE enrollment.letters SET state = 'used', code_sealed = NULL WHERE letter_id = $1 AND state = 'open';

-- name: PutProvenAddress :exec
-- The roster's address, which a letter has reached.
INSERT INTO enrollment.contact_points (contact_id, patient_id, kind, source, value, state, zip, verified_at)
SELECT sqlc.arg(contact_id)::uuid, sqlc.arg(patient_id)::uuid, 'address', 'patient',
       concat_ws(E'\n', nullif(m.address1, ''), nullif(m.address2, ''), nullif(m.city, '')), m.state, m.zip, clock.now()
FROM enrollment.members m WHERE m.member_id = sqlc.arg(member_id)::uuid
ON CONFLICT (patient_id, kind, lower(value)) WHERE source = 'patient' DO UPDATE SET verified_at = excluded.verified_at;
