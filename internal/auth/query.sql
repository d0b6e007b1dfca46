-- Every statement that auth runs. The database's clock judges all limits, so
-- that a process with a wrong clock neither keeps a session alive nor ends one.

-- name: AccountToProve :one
-- One row whether the address is known or not, so that both cost the same.
-- Demo accounts, whose passwords everybody knows, exist in a demo alone.
SELECT clock.now()::timestamptz AS now,
       a.account_id, a.roles, a.disabled_at,
       c.password_hash, c.totp_sealed, coalesce(c.totp_last_step, 0)::bigint AS totp_last_step
FROM (SELECT @email::text AS email) asked
LEFT JOIN auth.accounts a ON a.email = asked.email AND (@demo::boolean OR a.demo_order IS NULL)
LEFT JOIN auth.credentials c ON c.account_id = a.account_id;

-- name: AccountByID :one
SELECT account_id, email, roles, language, disabled_at FROM auth.accounts WHERE account_id = @account_id;

-- name: LockAccountByEmail :one
SELECT account_id, roles, disabled_at FROM auth.accounts WHERE email = @email FOR UPDATE;

-- name: InsertAccount :execrows
INSERT INTO auth.accounts (account_id, email, roles, language)
VALUES (@account_id, @email, @roles, @language)
ON CONFLICT (email) DO NOTHING;

-- name: AddPatientRole :execrows
UPDATE auth.accounts SET roles = array_append(roles, 'patient')
WHERE account_id = @account_id AND NOT 'patient' = ANY (roles);

-- name: UpsertDemoAccount :execrows
-- Never turns a real account into a demo account.
INSERT INTO auth.accounts (account_id, email, roles, language, demo_order)
VALUES (@account_id, @email, @roles, 'en', @demo_order::integer)
ON CONFLICT (account_id) DO UPDATE
SET email = excluded.email, roles = excluded.roles, demo_order = excluded.demo_order
WHERE auth.accounts.demo_order IS NOT NULL;

-- name: DemoAccountForRole :one
SELECT account_id, roles FROM auth.accounts
WHERE demo_order IS NOT NULL AND disabled_at IS NULL AND @role::text = ANY (roles)
ORDER BY demo_order, account_id LIMIT 1;

-- name: PasswordOf :one
SELECT password_hash FROM auth.credentials WHERE account_id = @account_id;

-- name: SetPassword :exec
INSERT INTO auth.credentials (account_id, password_hash, password_set_at)
VALUES (@account_id, @password_hash::text, clock.now())
ON CONFLICT (account_id) DO UPDATE
SET password_hash = excluded.password_hash, password_set_at = excluded.password_set_at;

-- name: SeedTOTP :exec
-- Where there is one already, its used steps stay used.
INSERT INTO auth.credentials (account_id, totp_sealed) VALUES (@account_id, @totp_sealed::bytea)
ON CONFLICT (account_id) DO UPDATE SET totp_sealed = excluded.totp_sealed
WHERE auth.credentials.totp_sealed IS NULL;

-- name: UseTOTPStep :execrows
UPDATE auth.credentials SET totp_last_step = @step::bigint
WHERE account_id = @account_id AND totp_last_step < @step::bigint;

-- name: InsertChallenge :exec
-- The account is looked up inside, so that an unknown address takes the same
-- statement; only patients sign in by mail.
INSERT INTO auth.challenges (challenge_id, account_id, address_hash, code_hash, created_at, expires_at)
SELECT @challenge_id,
       (SELECT a.account_id FROM auth.accounts a
        WHERE a.email = @email AND a.disabled_at IS NULL AND 'patient' = ANY (a.roles)
          AND (@demo::boolean OR a.demo_order IS NULL)),
       @address_hash, @code_hash, n.now, n.now + interval '10 minutes'
FROM (SELECT clock.now() AS now) n;

-- name: ChallengeState :one
SELECT address_hash,
       (used_at IS NOT NULL)::boolean AS used,
       (tries >= 5)::boolean AS spent,
       (expires_at <= clock.now())::boolean AS expired
FROM auth.challenges WHERE challenge_id = @challenge_id;

-- name: TryChallenge :one
-- Counts the try before it is judged: parallel guesses cannot share one.
UPDATE auth.challenges SET tries = tries + 1
WHERE challenge_id = @challenge_id AND used_at IS NULL AND tries < 5 AND expires_at > clock.now()
RETURNING account_id, code_hash, tries;

-- name: UseChallenge :execrows
UPDATE auth.challenges SET used_at = clock.now() WHERE challenge_id = @challenge_id AND used_at IS NULL;

-- name: ChallengeMail :one
-- No row for a decoy, and none once the code is of no use.
SELECT a.email, a.language FROM auth.challenges c
JOIN auth.accounts a ON a.account_id = c.account_id
WHERE c.challenge_id = @challenge_id AND c.used_at IS NULL AND c.expires_at > clock.now();

-- name: InsertTicket :execrows
INSERT INTO auth.tickets (proof_hash, ticket_hash, account_id, made_account, created_at, expires_at)
SELECT @proof_hash, @ticket_hash, @account_id, @made_account, n.now, n.now + interval '5 minutes'
FROM (SELECT clock.now() AS now) n
ON CONFLICT (proof_hash) DO NOTHING;

-- name: TicketByProof :one
SELECT t.account_id, t.made_account, a.email FROM auth.tickets t
JOIN auth.accounts a ON a.account_id = t.account_id
WHERE t.proof_hash = @proof_hash;

-- name: RedeemTicket :one
UPDATE auth.tickets SET used_at = clock.now()
WHERE ticket_hash = @ticket_hash AND used_at IS NULL AND expires_at > clock.now()
RETURNING account_id;

-- name: InsertSession :one
-- No row if the account is disabled, does not hold what was proven, or is a
-- demo account outside of a demo.
INSERT INTO auth.sessions (session_id, account_id, secret_hash, roles, method, user_agent,
                           created_at, last_seen_at, idle_seconds, ends_at)
SELECT @session_id, a.account_id, @secret_hash, @roles::text[], @method, @user_agent,
       n.now, n.now, @idle_seconds, n.now + make_interval(secs => @life_seconds::integer)
FROM auth.accounts a, (SELECT clock.now() AS now) n
WHERE a.account_id = @account_id AND a.disabled_at IS NULL AND @roles::text[] <@ a.roles
  AND (@demo::boolean OR a.demo_order IS NULL)
FOR SHARE OF a
RETURNING created_at, ends_at;

-- name: SessionBySecret :one
SELECT s.session_id, s.account_id, s.roles, s.method, s.last_seen_at, s.idle_seconds, s.ends_at, s.revoked_at,
       a.roles AS account_roles, a.disabled_at,
       (a.demo_order IS NOT NULL)::boolean AS demo_account, clock.now()::timestamptz AS now
FROM auth.sessions s JOIN auth.accounts a ON a.account_id = s.account_id
WHERE s.secret_hash = @secret_hash;

-- name: TouchSession :execrows
UPDATE auth.sessions SET last_seen_at = greatest(last_seen_at, least(clock.now(), ends_at))
WHERE session_id = @session_id AND revoked_at IS NULL AND ends_at > clock.now()
  AND clock.now() < last_seen_at + make_interval(secs => idle_seconds);

-- name: LiveSessions :many
SELECT session_id, user_agent, created_at, last_seen_at FROM auth.sessions
WHERE account_id = @account_id AND revoked_at IS NULL AND ends_at > clock.now()
  AND clock.now() < last_seen_at + make_interval(secs => idle_seconds)
ORDER BY created_at DESC, session_id DESC LIMIT 100;

-- name: SessionIsOwn :one
SELECT EXISTS (SELECT FROM auth.sessions WHERE session_id = @session_id AND account_id = @account_id);

-- name: RevokeSession :one
UPDATE auth.sessions SET revoked_at = clock.now()
WHERE session_id = @session_id AND account_id = @account_id AND revoked_at IS NULL
RETURNING revoked_at::timestamptz AS revoked_at;

-- name: RevokeSessions :many
-- In batches, so that no transaction grows with the number of devices.
UPDATE auth.sessions SET revoked_at = clock.now()
WHERE session_id IN (
    SELECT s.session_id FROM auth.sessions s
    WHERE s.account_id = @account_id AND s.revoked_at IS NULL AND s.ends_at > clock.now() AND s.session_id <> @keep
    ORDER BY s.session_id LIMIT 200 FOR UPDATE)
RETURNING session_id, revoked_at::timestamptz AS revoked_at;

-- name: LiveKeys :many
SELECT generation, kid, public_key, private_sealed, created_at, signs_from, clock.now()::timestamptz AS now
FROM auth.signing_keys WHERE retired_at IS NULL ORDER BY generation;

-- name: InsertKey :execrows
-- The first key signs at once; later ones are published for a while before.
INSERT INTO auth.signing_keys (generation, kid, public_key, private_sealed, created_at, signs_from)
SELECT @generation, @kid, @public_key, @private_sealed, n.now, n.now + make_interval(secs => @wait_seconds::integer)
FROM (SELECT clock.now() AS now) n
ON CONFLICT DO NOTHING;

-- name: RetireKeys :execrows
UPDATE auth.signing_keys k SET retired_at = clock.now()
WHERE k.retired_at IS NULL
  AND EXISTS (SELECT FROM auth.signing_keys newer
              WHERE newer.generation > k.generation
                AND newer.signs_from < clock.now() - make_interval(secs => @linger_seconds::integer));

-- name: SweepChallenges :execrows
DELETE FROM auth.challenges WHERE challenge_id IN (
    SELECT challenge_id FROM auth.challenges WHERE expires_at < clock.now() - interval '1 day' LIMIT 1000);

-- name: SweepSessions :execrows
DELETE FROM auth.sessions WHERE session_id IN (
    SELECT session_id FROM auth.sessions WHERE ends_at < clock.now() - interval '90 days' LIMIT 1000);

-- name: SweepRevocations :execrows
-- A revocation matters until the last token of its session is past all grace.
-- A session is revoked once, so that its key never sees another version.
WITH old AS (
    DELETE FROM auth.feed WHERE topic = 'revocations' AND (key, version) IN (
        SELECT key, version FROM auth.feed
        WHERE topic = 'revocations' AND at < clock_timestamp() - interval '1 day' LIMIT 1000)
    RETURNING key)
DELETE FROM auth.feed_heads h USING old WHERE h.topic = 'revocations' AND h.key = old.key;
