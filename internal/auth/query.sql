-- Every statement that auth runs. The database's clock judges all limits, so
-- that a process with a wrong clock neither keeps a session alive nor ends one.

-- name: AccountToProve :one
-- One row whether the address is known or not, so that both cost the same.
-- Demo accounts, whose passwords everybody knows, exist in a demo alone.
SELECT clock.now()::timestamptz AS now,
       a.account_id, a.roles, a.disabled_at,
       c.password_hash, c.totp_sealed, coalesce(c.totp_last_step, 0)::bigint AS totp_last_step,
       (coalesce(c.failures, 0) >= 100)::boolean AS locked
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
SET password_hash = excluded.password_hash, password_set_at = excluded.password_set_at, failures = 0;

-- name: DropPassword :exec
UPDATE auth.credentials SET password_hash = NULL, password_set_at = NULL, failures = 0 WHERE account_id = @account_id;

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

-- name: CountFailure :one
-- No row for an account that has no password, or has failed too often before.
UPDATE auth.credentials SET failures = failures + 1
WHERE account_id = @account_id AND failures < 100
RETURNING failures;

-- name: ForgetFailures :execrows
-- No row: in the meantime the account has failed too often.
UPDATE auth.credentials SET failures = 0 WHERE account_id = @account_id AND failures < 100;

-- name: CredentialsOf :one
SELECT a.email, a.roles, c.password_set_at, c.totp_sealed, coalesce(c.totp_last_step, 0)::bigint AS totp_last_step,
       (SELECT count(*) FROM auth.recovery_codes r WHERE r.account_id = a.account_id AND r.used_at IS NULL)::integer AS recovery_codes,
       clock.now()::timestamptz AS now
FROM auth.accounts a LEFT JOIN auth.credentials c ON c.account_id = a.account_id
WHERE a.account_id = @account_id AND a.disabled_at IS NULL;

-- name: InsertRecoveryCodes :exec
INSERT INTO auth.recovery_codes (account_id, code_hash) SELECT @account_id, unnest(@hashes::bytea[]);

-- name: DropRecoveryCodes :execrows
DELETE FROM auth.recovery_codes WHERE account_id = @account_id;

-- name: UseRecoveryCode :execrows
UPDATE auth.recovery_codes SET used_at = clock.now()
WHERE account_id = @account_id AND code_hash = @code_hash AND used_at IS NULL;

-- name: PutCredentials :exec
-- What an enrollment has come to.
INSERT INTO auth.credentials (account_id, password_hash, password_set_at, totp_sealed, totp_last_step)
VALUES (@account_id, @password_hash::text, clock.now(), @totp_sealed::bytea, @step)
ON CONFLICT (account_id) DO UPDATE
SET password_hash = excluded.password_hash, password_set_at = excluded.password_set_at,
    totp_sealed = excluded.totp_sealed, totp_last_step = excluded.totp_last_step, failures = 0;

-- name: DropTOTP :exec
UPDATE auth.credentials SET totp_sealed = NULL WHERE account_id = @account_id;

-- name: InsertPasswordLink :exec
-- The account is looked up inside, so that an unknown address takes the same
-- statement.
INSERT INTO auth.links (link_id, account_id, purpose, token_hash, created_at, expires_at)
SELECT @link_id,
       (SELECT a.account_id FROM auth.accounts a
        WHERE a.email = @email AND a.disabled_at IS NULL AND (@demo::boolean OR a.demo_order IS NULL)),
       'password', @token_hash, n.now, n.now + interval '30 minutes'
FROM (SELECT clock.now() AS now) n;

-- name: InsertEnrollLink :exec
INSERT INTO auth.links (link_id, account_id, purpose, token_hash, created_at, expires_at)
SELECT @link_id, @account_id::uuid, 'enroll', @token_hash, n.now, n.now + interval '7 days'
FROM (SELECT clock.now() AS now) n;

-- name: InsertAddressLink :execrows
INSERT INTO auth.links (link_id, account_id, purpose, token_hash, proof_hash, email, by_administrator, created_at, expires_at)
SELECT @link_id, @account_id::uuid, 'address', @token_hash, @proof_hash::bytea, @email::text, @by_administrator, n.now, n.now + interval '1 day'
FROM (SELECT clock.now() AS now) n
ON CONFLICT (proof_hash) DO NOTHING;

-- name: AddressLinkOf :one
-- The link to a new address that was neither used nor ended by another.
SELECT coalesce((SELECT l.link_id::text FROM auth.links l
    WHERE l.account_id = @account_id::uuid AND l.purpose = 'address' AND l.ended_at IS NULL
    ORDER BY l.created_at DESC, l.link_id LIMIT 1), '')::text AS link_id;

-- name: LinkByProof :one
SELECT account_id, email FROM auth.links WHERE proof_hash = @proof_hash::bytea;

-- name: OpenLink :one
-- A link that is good. Decoys never are: nobody has their token.
SELECT l.link_id, a.account_id, a.email AS account_email, a.roles, a.language, coalesce(l.email, '')::text AS new_email,
       l.password_hash, l.totp_sealed, l.by_administrator, clock.now()::timestamptz AS now
FROM auth.links l JOIN auth.accounts a ON a.account_id = l.account_id
WHERE l.token_hash = @token_hash AND l.purpose = @purpose AND l.ended_at IS NULL AND l.expires_at > clock.now()
  AND a.disabled_at IS NULL;

-- name: LinkMail :one
-- No row for a decoy, and none once the link is of no use.
SELECT l.purpose, coalesce(l.email, a.email)::text AS email, a.language, a.roles FROM auth.links l
JOIN auth.accounts a ON a.account_id = l.account_id
WHERE l.link_id = @link_id AND l.ended_at IS NULL AND l.expires_at > clock.now() AND a.disabled_at IS NULL;

-- name: UseLink :execrows
UPDATE auth.links SET ended_at = clock.now()
WHERE link_id = @link_id AND ended_at IS NULL AND expires_at > clock.now();

-- name: EndLinks :exec
-- Those of some purposes that the account still has.
UPDATE auth.links SET ended_at = clock.now()
WHERE account_id = @account_id::uuid AND purpose = ANY (@purposes::text[]) AND ended_at IS NULL;

-- name: EndOlderLinks :exec
-- Of a purpose, all but one: whatever was mailed before is void.
UPDATE auth.links SET ended_at = clock.now()
WHERE account_id = @account_id::uuid AND purpose = @purpose AND link_id <> @keep AND ended_at IS NULL;

-- name: KeepEnrollment :execrows
-- The authenticator's secret stays the one that was shown first.
UPDATE auth.links SET password_hash = @password_hash::text, totp_sealed = coalesce(totp_sealed, @totp_sealed::bytea)
WHERE link_id = @link_id AND ended_at IS NULL AND expires_at > clock.now();

-- name: TryLink :execrows
-- Counts the try before it is judged.
UPDATE auth.links SET tries = tries + 1
WHERE link_id = @link_id AND ended_at IS NULL AND tries < 20 AND expires_at > clock.now();

-- name: LockAccount :one
SELECT account_id, email, roles, language, disabled_at FROM auth.accounts WHERE account_id = @account_id FOR UPDATE;

-- name: InsertEmailChange :exec
INSERT INTO auth.email_changes (change_id, account_id, email, code_hash, created_at, expires_at)
SELECT @change_id, @account_id, @email, @code_hash, n.now, n.now + interval '10 minutes'
FROM (SELECT clock.now() AS now) n;

-- name: EmailChangeMail :one
-- Whose address it is already decides which mail it gets.
SELECT c.email, EXISTS (SELECT FROM auth.accounts o WHERE o.email = c.email)::boolean AS taken
FROM auth.email_changes c
WHERE c.change_id = @change_id AND c.used_at IS NULL AND c.expires_at > clock.now();

-- name: EmailChangeState :one
SELECT (used_at IS NOT NULL OR expires_at <= clock.now())::boolean AS expired, (tries >= 5)::boolean AS spent
FROM auth.email_changes WHERE change_id = @change_id AND account_id = @account_id;

-- name: TryEmailChange :one
UPDATE auth.email_changes SET tries = tries + 1
WHERE change_id = @change_id AND account_id = @account_id AND used_at IS NULL AND tries < 5 AND expires_at > clock.now()
RETURNING email, code_hash;

-- name: UseEmailChange :execrows
UPDATE auth.email_changes SET used_at = clock.now() WHERE change_id = @change_id AND used_at IS NULL;

-- name: DropEmailChanges :exec
-- Others of the account that wait are void.
DELETE FROM auth.email_changes WHERE account_id = @account_id AND used_at IS NULL;

-- name: EmailTaken :one
SELECT EXISTS (SELECT FROM auth.accounts WHERE email = @email AND account_id <> @account_id);

-- name: SetEmail :exec
UPDATE auth.accounts SET email = @email WHERE account_id = @account_id;

-- name: SetLanguage :execrows
UPDATE auth.accounts SET language = @language WHERE account_id = @account_id AND language <> @language;

-- name: ListAccounts :many
SELECT a.account_id, a.email, a.roles, a.created_at, a.disabled_at,
       (c.password_hash IS NOT NULL AND c.totp_sealed IS NOT NULL)::boolean AS enrolled,
       coalesce((SELECT max(s.created_at) FROM auth.sessions s WHERE s.account_id = a.account_id), to_timestamp(0))::timestamptz AS signed_in_at,
       coalesce((SELECT max(l.expires_at) FROM auth.links l
        WHERE l.account_id = a.account_id AND l.purpose = 'enroll' AND l.ended_at IS NULL AND l.expires_at > clock.now()), to_timestamp(0))::timestamptz AS invited_until,
       coalesce(w.link_id::text, '')::text AS address_link,
       (CASE WHEN w.expires_at > clock.now() THEN w.email ELSE '' END)::text AS new_email
FROM auth.accounts a LEFT JOIN auth.credentials c ON c.account_id = a.account_id
LEFT JOIN LATERAL (
    SELECT l.link_id, l.email, l.expires_at FROM auth.links l
    WHERE l.account_id = a.account_id AND l.purpose = 'address' AND l.ended_at IS NULL
    ORDER BY l.created_at DESC, l.link_id LIMIT 1) w ON true
WHERE a.roles <> ARRAY['patient'] AND (@demo::boolean OR a.demo_order IS NULL)
  AND (sqlc.narg(account_id)::uuid IS NULL OR a.account_id = sqlc.narg(account_id)::uuid)
  AND strpos(a.email, @query::text) > 0
  AND (@role::text = '' OR @role::text = ANY (a.roles))
  AND a.email > @after
ORDER BY a.email LIMIT @most;

-- name: LockAtWork :one
-- An account that is more than a patient's; nothing for any other.
SELECT account_id, email, roles, language, disabled_at FROM auth.accounts
WHERE account_id = @account_id AND roles <> ARRAY['patient'] AND (@demo::boolean OR demo_order IS NULL)
FOR UPDATE;

-- name: LockAdministrators :many
-- All who administer and can sign in, locked in order: whoever takes the role
-- from one waits for everybody else who does so.
SELECT a.account_id FROM auth.accounts a
JOIN auth.credentials c ON c.account_id = a.account_id AND c.password_hash IS NOT NULL AND c.totp_sealed IS NOT NULL
WHERE 'administrator' = ANY (a.roles) AND a.disabled_at IS NULL AND (@demo::boolean OR a.demo_order IS NULL)
ORDER BY a.account_id
FOR UPDATE OF a;

-- name: SetRoles :exec
UPDATE auth.accounts SET roles = @roles WHERE account_id = @account_id;

-- name: DisableAccount :exec
UPDATE auth.accounts SET disabled_at = clock.now() WHERE account_id = @account_id AND disabled_at IS NULL;

-- name: EnableAccount :exec
UPDATE auth.accounts SET disabled_at = NULL WHERE account_id = @account_id;

-- name: HasSecondFactor :one
SELECT EXISTS (SELECT FROM auth.credentials WHERE account_id = @account_id AND password_hash IS NOT NULL AND totp_sealed IS NOT NULL);

-- name: SweepLinks :execrows
-- Links for addresses stay: the row is what keeps a proof from being used twice.
DELETE FROM auth.links WHERE link_id IN (
    SELECT link_id FROM auth.links WHERE expires_at < clock.now() - interval '1 day' AND purpose <> 'address' LIMIT 1000);

-- name: SweepEmailChanges :execrows
DELETE FROM auth.email_changes WHERE change_id IN (
    SELECT change_id FROM auth.email_changes WHERE expires_at < clock.now() - interval '1 day' LIMIT 1000);
