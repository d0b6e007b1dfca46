-- Payers.

-- name: PayerByName :one
SELECT * FROM enrollment.payers WHERE lower(name) = lower(@name);

-- name: PayerByID :one
SELECT * FROM enrollment.payers WHERE payer_id = @payer_id;

-- name: PutPayer :one
INSERT INTO enrollment.payers (payer_id, name, identifiers, member_id_qualifier, own_id_qualifier, accept_wrong_counts,
    ends_exclusive, names_swapped, id_separator, dependent_numbers)
VALUES (@payer_id, @name, @identifiers, @member_id_qualifier, @own_id_qualifier, @accept_wrong_counts,
    @ends_exclusive, @names_swapped, @id_separator, @dependent_numbers)
ON CONFLICT (lower(name)) DO UPDATE SET identifiers = excluded.identifiers, member_id_qualifier = excluded.member_id_qualifier,
    own_id_qualifier = excluded.own_id_qualifier, accept_wrong_counts = excluded.accept_wrong_counts,
    ends_exclusive = excluded.ends_exclusive, names_swapped = excluded.names_swapped, id_separator = excluded.id_separator,
    dependent_numbers = excluded.dependent_numbers
RETURNING *;

-- name: AllPayers :many
SELECT * FROM enrollment.payers ORDER BY lower(name) LIMIT 500;

-- name: ListPayers :many
SELECT p.payer_id, p.name, (SELECT count(*) FROM enrollment.members m WHERE m.payer_id = p.payer_id) AS members
FROM enrollment.payers p
ORDER BY lower(p.name)
LIMIT 500;

-- Imports: making one, working on one.

-- name: InsertImport :exec
INSERT INTO enrollment.imports (import_id, payer_id, upload_id, file_name, accept_test, status,
    account_id, session_id, os_user, actor_service, bytes_total, lease_owner, lease_until, started_at)
VALUES (@import_id, @payer_id, @upload_id, @file_name, @accept_test, @status,
    @account_id, @session_id, @os_user, @actor_service, @bytes_total, @lease_owner,
    CASE WHEN sqlc.narg(lease_owner)::uuid IS NULL THEN NULL ELSE clock.now() + make_interval(secs => sqlc.arg(lease_seconds)::float8) END, clock.now());

-- name: ImportByID :one
SELECT sqlc.embed(i), p.name AS payer_name
FROM enrollment.imports i JOIN enrollment.payers p USING (payer_id)
WHERE i.import_id = @import_id;

-- name: ListImports :many
SELECT sqlc.embed(i), p.name AS payer_name
FROM enrollment.imports i JOIN enrollment.payers p USING (payer_id)
ORDER BY i.started_at DESC, i.import_id DESC
LIMIT 50;

-- name: CountAlarms :one
-- Files of the last week that somebody must look into.
SELECT count(*) FROM enrollment.imports
WHERE started_at > clock.now() - interval '7 days' AND status = 'refused' AND refusal_reason = @reason;

-- name: CountInvitations :one
-- Bounded: beyond it staff only need to know that there are many.
SELECT count(*) FILTER (WHERE t.invitable) AS invitable, count(*) FILTER (WHERE t.invited) AS invited
FROM (
    SELECT m.email <> '' AND m.patient_id IS NULL AND m.invited_at IS NULL AND m.birth_date <= @adult_if_born_by::date AS invitable,
           m.invited_at IS NOT NULL AND EXISTS (SELECT FROM enrollment.invitations i WHERE i.member_id = m.member_id) AS invited
    FROM (SELECT DISTINCT v.member_id FROM enrollment.member_versions v WHERE v.import_id = @import_id LIMIT 100000) v
    JOIN enrollment.members m USING (member_id)
) t;

-- name: ChooseInvitable :many
SELECT m.member_id
FROM enrollment.members m
WHERE m.email <> '' AND m.patient_id IS NULL AND m.invited_at IS NULL AND m.birth_date <= @adult_if_born_by::date
  AND EXISTS (SELECT FROM enrollment.member_versions v WHERE v.import_id = @import_id AND v.member_id = m.member_id)
ORDER BY m.member_id
LIMIT @most
FOR UPDATE OF m SKIP LOCKED;

-- name: Workable :many
-- Imports that nobody works on, oldest first, one a payer.
SELECT DISTINCT ON (i.payer_id) i.import_id
FROM enrollment.imports i
WHERE i.status IN ('waiting', 'reading', 'checking', 'applying')
  AND (i.lease_until IS NULL OR i.lease_until < clock.now())
ORDER BY i.payer_id, (i.status = 'waiting'), i.import_id
LIMIT 20;

-- name: WorkingForPayer :one
-- The import that stands before a new one of the same payer.
SELECT import_id, coalesce(lease_until > clock.now(), false)::boolean AS alive
FROM enrollment.imports
WHERE payer_id = @payer_id AND status IN ('reading', 'checking', 'applying');

-- name: ClaimImport :one
UPDATE enrollment.imports i
SET status = CASE WHEN i.status = 'waiting' THEN 'reading' ELSE i.status END,
    lease_owner = @lease_owner, lease_until = clock.now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
WHERE i.import_id = @import_id AND i.status IN ('waiting', 'reading', 'checking', 'applying')
  AND (i.lease_until IS NULL OR i.lease_until < clock.now())
  AND NOT EXISTS (
      SELECT FROM enrollment.imports o
      WHERE o.payer_id = i.payer_id AND o.import_id < i.import_id AND o.status IN ('waiting', 'reading', 'checking', 'applying'))
RETURNING *;

-- name: RenewLease :execrows
UPDATE enrollment.imports SET lease_until = clock.now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
WHERE import_id = @import_id AND lease_owner = @lease_owner AND status IN ('reading', 'checking', 'applying');

-- name: ReleaseLease :exec
UPDATE enrollment.imports SET lease_until = clock.now() + make_interval(secs => sqlc.arg(pause_seconds)::float8), attempts = @attempts
WHERE import_id = @import_id AND lease_owner = @lease_owner AND status IN ('reading', 'checking', 'applying');

-- name: HoldImport :one
-- Every step begins with this: whoever lost the lease may write no more.
SELECT * FROM enrollment.imports WHERE import_id = @import_id AND lease_owner = @lease_owner FOR UPDATE;

-- name: ResetReading :exec
UPDATE enrollment.imports
SET bytes_read = 0, members_read = 0, rejected = 0, held = 0, warnings = 0, findings = 0, cursor_pass = 0, cursor_seq = 0
WHERE import_id = @import_id;

-- name: SaveReading :exec
UPDATE enrollment.imports
SET bytes_read = @bytes_read, members_read = members_read + @members, rejected = rejected + @rejected, warnings = warnings + @warnings,
    findings = findings + @findings, attempts = 0
WHERE import_id = @import_id;

-- name: SetContent :exec
UPDATE enrollment.imports SET content_hash = @content_hash, bytes_read = bytes_total, linked_by_order = @linked_by_order WHERE import_id = @import_id;

-- name: SetPhase :exec
UPDATE enrollment.imports SET status = @status, cursor_pass = 0, cursor_seq = 0, attempts = 0 WHERE import_id = @import_id;

-- name: SaveCursor :exec
UPDATE enrollment.imports
SET cursor_pass = @cursor_pass, cursor_seq = @cursor_seq, rejected = rejected + @rejected, held = held + @held, warnings = warnings + @warnings,
    findings = findings + @findings, attempts = 0
WHERE import_id = @import_id;

-- name: SaveApplied :exec
UPDATE enrollment.imports
SET cursor_pass = @cursor_pass, cursor_seq = @cursor_seq, attempts = 0,
    members_applied = members_applied + @applied, members_added = members_added + @added, members_changed = members_changed + @changed,
    members_ended = members_ended + @ended, members_unchanged = members_unchanged + @unchanged,
    coverages_added = coverages_added + @coverages_added, coverages_changed = coverages_changed + @coverages_changed,
    coverages_ended = coverages_ended + @coverages_ended,
    rejected = rejected + @rejected, held = held + @held, warnings = warnings + @warnings, findings = findings + @findings
WHERE import_id = @import_id;

-- name: FinishImport :exec
UPDATE enrollment.imports
SET status = @status, finished_at = clock.now(), lease_owner = NULL, lease_until = NULL, upload_id = NULL,
    warnings = warnings + @warnings, findings = findings + @findings
WHERE import_id = @import_id;

-- name: RefuseImport :exec
UPDATE enrollment.imports
SET status = 'refused', finished_at = clock.now(), lease_owner = NULL, lease_until = NULL, upload_id = NULL,
    rejected = 0, held = 0, warnings = 0, findings = 1,
    refusal_reason = @reason, refusal_message = @message, refusal_segment = @segment, refusal_segment_id = @segment_id,
    refusal_element = @element, refusal_offset = @byte_offset
WHERE import_id = @import_id;

-- Staging.

-- name: StageTransactions :copyfrom
INSERT INTO enrollment.staged_transactions (import_id, number, sender, interchange, grp, transaction, content_hash)
VALUES (@import_id, @number, @sender, @interchange, @grp, @transaction, @content_hash);

-- name: StageMembers :copyfrom
INSERT INTO enrollment.staged_members (import_id, seq, transaction_number, segment, byte_offset, code, pass, relationship,
    subscriber_no, own_no, given_name, middle_name, family_name, given_search, family_search, birth_date, match_given, match_birth,
    gender, email, phone, language, address1, address2, city, state_code, zip, group_no, ssn_hash, birth_order,
    starts, ends, effective, prior_subscriber_seq, new_id, corrects)
VALUES (@import_id, @seq, @transaction_number, @segment, @byte_offset, @code, @pass, @relationship,
    @subscriber_no, @own_no, @given_name, @middle_name, @family_name, @given_search, @family_search, @birth_date, @match_given, @match_birth,
    @gender, @email, @phone, @language, @address1, @address2, @city, @state_code, @zip, @group_no, @ssn_hash, @birth_order,
    @starts, @ends, @effective, @prior_subscriber_seq, @new_id, @corrects);

-- name: StageCoverages :copyfrom
INSERT INTO enrollment.staged_coverages (import_id, seq, number, segment, byte_offset, code, line, plan, level, group_no, starts, ends)
VALUES (@import_id, @seq, @number, @segment, @byte_offset, @code, @line, @plan, @level, @group_no, @starts, @ends);

-- name: LastStaged :one
SELECT greatest(
    coalesce((SELECT max(m.seq) FROM enrollment.staged_members m WHERE m.import_id = @import_id), 0),
    coalesce((SELECT max(c.seq) FROM enrollment.staged_coverages c WHERE c.import_id = @import_id), 0))::bigint AS last;

-- name: ClearStagedCoverages :exec
DELETE FROM enrollment.staged_coverages c
WHERE c.import_id = @import_id AND c.seq > @after AND c.seq <= @upto AND (@held_too::boolean OR NOT EXISTS (
    SELECT FROM enrollment.staged_members m
    WHERE m.import_id = @import_id AND m.seq > @after AND m.seq <= @upto AND m.seq = c.seq AND m.state = 'held'));

-- name: ClearStagedMembers :exec
DELETE FROM enrollment.staged_members m
WHERE m.import_id = @import_id AND m.seq > @after AND m.seq <= @upto AND (@held_too::boolean OR m.state <> 'held');

-- name: NextHeld :one
-- Where the next held records end, whoever's they are.
SELECT h.import_id, h.seq FROM (
    SELECT s.import_id, s.seq FROM enrollment.staged_members s
    WHERE s.state = 'held' AND (s.import_id, s.seq) > (sqlc.arg(after_import)::uuid, sqlc.arg(after_seq)::bigint)
    ORDER BY s.import_id, s.seq
    LIMIT sqlc.arg(most)) h
ORDER BY h.import_id DESC, h.seq DESC
LIMIT 1;

-- name: AdoptHeld :execrows
-- Takes up those of the next held records that waited for a subscriber whom
-- this file brings, or who is on file by now; they come after everybody else in
-- the file.
WITH found AS MATERIALIZED (
    SELECT h.import_id, h.seq, CAST(CAST(sqlc.arg(base) AS bigint) + row_number() OVER (ORDER BY h.import_id, h.seq) AS bigint) AS new_seq
    FROM enrollment.staged_members h
    JOIN enrollment.imports i ON i.import_id = h.import_id AND i.payer_id = @payer_id AND i.status = 'done'
    LEFT JOIN LATERAL (
        SELECT p.seq FROM enrollment.staged_members p
        WHERE p.import_id = @import_id AND p.subscriber_no = h.subscriber_no AND p.pass = 0 AND p.code IN ('021', '030')
        LIMIT 1
    ) brought ON true
    LEFT JOIN LATERAL (
        SELECT m.member_id FROM enrollment.members m
        WHERE m.payer_id = @payer_id AND m.subscriber_no = h.subscriber_no AND m.is_subscriber
        OFFSET 0
    ) f ON true
    WHERE h.state = 'held' AND (h.import_id, h.seq) > (sqlc.arg(after_import)::uuid, sqlc.arg(after_seq)::bigint)
      AND (h.import_id, h.seq) <= (sqlc.arg(upto_import)::uuid, sqlc.arg(upto_seq)::bigint)
      AND (brought.seq IS NOT NULL OR f.member_id IS NOT NULL)
), moved AS (
    UPDATE enrollment.staged_coverages c SET import_id = @import_id, seq = f.new_seq
    FROM found f WHERE c.import_id = f.import_id AND c.seq = f.seq
)
UPDATE enrollment.staged_members m
SET import_id = @import_id, seq = f.new_seq, state = 'new', transaction_number = 0, segment = 0, byte_offset = 0, prior_subscriber_seq = 0
FROM found f WHERE m.import_id = f.import_id AND m.seq = f.seq;

-- name: ClearStagedTransactions :exec
DELETE FROM enrollment.staged_transactions WHERE import_id = @import_id;

-- name: LastFinding :one
SELECT coalesce(max(number), 0)::bigint AS last FROM enrollment.findings WHERE import_id = @import_id;

-- name: ClearFindings :exec
DELETE FROM enrollment.findings WHERE import_id = @import_id AND number > @after AND number <= @upto;

-- Replays.

-- name: MeetReceipts :many
-- What is known of the transactions of a file.
SELECT t.number, t.transaction, (r.content_hash IS NOT NULL)::boolean AS known, coalesce(r.content_hash = t.content_hash, false)::boolean AS same
FROM enrollment.staged_transactions t
LEFT JOIN enrollment.receipts r ON r.payer_id = @payer_id AND r.sender = t.sender AND r.interchange = t.interchange
    AND r.grp = t.grp AND r.transaction = t.transaction
WHERE t.import_id = @import_id
ORDER BY t.number;

-- name: RepeatedTransactions :many
-- Transactions of one file that bear the same numbers as an earlier one of it.
SELECT b.number, b.transaction, (a.content_hash = b.content_hash)::boolean AS same
FROM enrollment.staged_transactions a
JOIN enrollment.staged_transactions b ON b.import_id = a.import_id AND b.sender = a.sender AND b.interchange = a.interchange
    AND b.grp = a.grp AND b.transaction = a.transaction
WHERE a.import_id = @import_id AND a.number < b.number
ORDER BY b.number;

-- name: MarkReplayed :exec
UPDATE enrollment.staged_transactions SET replayed = true WHERE import_id = @import_id AND number = ANY (@numbers::int[]);

-- name: SkipReplayed :exec
DELETE FROM enrollment.staged_members m
USING enrollment.staged_transactions t
WHERE m.import_id = @import_id AND m.seq > @after AND m.seq <= @upto
  AND t.import_id = @import_id AND t.number = m.transaction_number AND t.replayed;

-- name: GiveReceipts :exec
INSERT INTO enrollment.receipts (payer_id, sender, interchange, grp, transaction, content_hash, import_id)
SELECT @payer_id, t.sender, t.interchange, t.grp, t.transaction, t.content_hash, t.import_id
FROM enrollment.staged_transactions t
WHERE t.import_id = @import_id AND NOT t.replayed;

-- Findings.

-- name: InsertFindings :copyfrom
INSERT INTO enrollment.findings (import_id, number, kind, reason, message, segment, segment_id, element, byte_offset, subscriber_no, member_name)
VALUES (@import_id, @number, @kind, @reason, @message, @segment, @segment_id, @element, @byte_offset, @subscriber_no, @member_name);

-- name: ListFindings :many
SELECT * FROM enrollment.findings WHERE import_id = @import_id AND number > @after ORDER BY number LIMIT @most;

-- Checking: who is meant.

-- name: NextCorrections :many
-- Records that give somebody another name or birth date.
SELECT seq, pass, subscriber_no, given_search, birth_date FROM enrollment.staged_members
WHERE import_id = @import_id AND corrects AND seq > @after
ORDER BY seq
LIMIT @most;

-- name: FollowCorrection :batchexec
-- Later records of the file that use the new name mean whom the correction
-- means, unless the new name is also somebody else's.
UPDATE enrollment.staged_members s
SET match_given = c.match_given, match_birth = c.match_birth
FROM enrollment.staged_members c
WHERE c.import_id = @import_id AND c.seq = @seq
  AND s.import_id = @import_id AND s.subscriber_no = @subscriber_no AND s.seq > @seq AND s.pass = c.pass
  AND s.match_given = c.given_search AND (s.match_birth IS NULL OR s.match_birth = coalesce(c.birth_date, c.match_birth))
  AND NOT EXISTS (
      SELECT FROM enrollment.members m
      WHERE m.payer_id = @payer_id AND m.subscriber_no = @subscriber_no AND m.given_search = c.given_search
        AND m.birth_date = coalesce(c.birth_date, c.match_birth))
  AND NOT EXISTS (
      SELECT FROM enrollment.staged_members a
      WHERE a.import_id = @import_id AND a.subscriber_no = @subscriber_no AND a.seq < @seq AND a.code IN ('021', '030')
        AND a.given_search = c.given_search AND a.birth_date = coalesce(c.birth_date, c.match_birth))
  AND (EXISTS (
      SELECT FROM enrollment.members m
      WHERE m.payer_id = @payer_id AND m.subscriber_no = @subscriber_no AND m.given_search = c.match_given
        AND (c.match_birth IS NULL OR m.birth_date = c.match_birth))
    OR EXISTS (
      SELECT FROM enrollment.staged_members a
      WHERE a.import_id = @import_id AND a.subscriber_no = @subscriber_no AND a.seq < @seq AND a.code IN ('021', '030')
        AND a.given_search = c.match_given AND (c.match_birth IS NULL OR a.birth_date = c.match_birth)));

-- name: CheckSubscribers :many
-- Finds, for the next subscribers of a file, who they are: a member on file, or
-- somebody whom the file itself adds. What cannot be said with certainty is
-- rejected.
--
-- Tables grow here faster than statistics about them, and a plan made for an
-- empty table reads all of a full one. So every statement says the range of
-- records that it is about, and lateral joins with OFFSET 0 fix its shape: for
-- each record of the range, a look into each index.
WITH batch AS MATERIALIZED (
    SELECT s.seq, s.code, s.subscriber_no, s.own_no, s.match_given, s.match_birth, s.given_search, s.birth_date
    FROM enrollment.staged_members s
    WHERE s.import_id = @import_id AND s.pass = 0 AND s.seq > @after AND s.seq <= @upto
), verdict AS (
    SELECT b.seq,
           CASE
               WHEN f.rank = 9 THEN 'identity_conflict'
               WHEN f.persons > 1 THEN 'ambiguous'
               WHEN f.persons = 1 AND NOT f.is_subscriber THEN 'role_changed'
               WHEN f.persons = 1 THEN ''
               WHEN taken.member_id IS NOT NULL AND b.code IN ('021', '030') THEN 'subscriber_taken'
               WHEN taken.member_id IS NOT NULL OR first.seq IS NULL THEN
                   CASE WHEN b.code IN ('021', '030') THEN 'no_birth_date' ELSE 'not_on_file' END
               WHEN first.same THEN ''
               WHEN first.own_conflict THEN 'identity_conflict'
               WHEN b.code IN ('021', '030') THEN 'subscriber_taken'
               ELSE 'not_on_file'
           END AS reason,
           coalesce(f.member_id, first.new_id) AS member_id
    FROM batch b
    CROSS JOIN LATERAL (
        -- Who on file fits best: by own number, by what was wrong before, by
        -- what is right now. An own number that fits nothing else is a 9.
        SELECT count(*) AS persons, (array_agg(c.member_id))[1] AS member_id, bool_and(c.is_subscriber) AS is_subscriber, min(c.rank) AS rank
        FROM (
            SELECT r.member_id, r.is_subscriber, r.rank, min(r.rank) OVER () AS best
            FROM (
                SELECT m.member_id, m.is_subscriber,
                       CASE
                           WHEN b.own_no = m.own_no AND (b.match_birth IS NULL OR b.match_birth = m.birth_date OR b.match_given = m.given_search) THEN 1
                           WHEN b.own_no = m.own_no THEN 9
                           WHEN b.own_no IS NOT NULL AND m.own_no IS NOT NULL THEN NULL
                           WHEN b.match_given = m.given_search AND (b.match_birth = m.birth_date OR (b.match_birth IS NULL AND m.is_subscriber)) THEN 2
                           WHEN b.given_search = m.given_search AND b.birth_date = m.birth_date THEN 3
                       END AS rank
                FROM enrollment.members m
                WHERE m.payer_id = @payer_id AND m.subscriber_no = b.subscriber_no
                OFFSET 0
            ) r
            WHERE r.rank IS NOT NULL
        ) c
        WHERE c.rank = c.best
    ) f
    LEFT JOIN LATERAL (
        SELECT m.member_id FROM enrollment.members m
        WHERE m.payer_id = @payer_id AND m.subscriber_no = b.subscriber_no AND m.is_subscriber
        OFFSET 0
    ) taken ON true
    LEFT JOIN LATERAL (
        -- Whom the file adds under this number first.
        SELECT a.seq, a.new_id,
               (a.own_no = b.own_no AND NOT (a.given_search = b.match_given OR b.match_birth IS NULL OR b.match_birth = a.birth_date)) AS own_conflict,
               ((a.own_no = b.own_no AND (a.given_search = b.match_given OR b.match_birth IS NULL OR b.match_birth = a.birth_date))
                OR ((a.own_no IS NULL OR b.own_no IS NULL) AND a.given_search = b.match_given
                    AND (b.match_birth IS NULL OR b.match_birth = a.birth_date))
                OR a.seq = b.seq) AS same
        FROM enrollment.staged_members a
        WHERE a.import_id = @import_id AND a.subscriber_no = b.subscriber_no AND a.pass = 0 AND a.seq <= b.seq
          AND a.code IN ('021', '030') AND a.birth_date IS NOT NULL
        ORDER BY a.subscriber_no, a.seq
        LIMIT 1
    ) first ON true
)
UPDATE enrollment.staged_members s
SET state = CASE WHEN v.reason = '' THEN 'ready' ELSE 'reject' END,
    member_id = CASE WHEN v.reason = '' THEN v.member_id END
FROM verdict v
WHERE s.import_id = @import_id AND s.seq > @after AND s.seq <= @upto AND s.seq = v.seq
RETURNING s.seq, v.reason::text AS reason, s.code, s.segment, s.byte_offset, s.subscriber_no, s.given_name, s.family_name;

-- name: NamesNoSubscriber :one
-- Whether the first dependents of a file all carry numbers that no subscriber
-- has. That alone does not say whose the numbers are: perhaps their own,
-- perhaps those of subscribers who are still to come.
SELECT coalesce(bool_and(NOT d.named) AND bool_or(d.follows), false)::boolean AS own_numbers
FROM (
    SELECT s.prior_subscriber_seq > 0 AS follows, EXISTS (SELECT FROM enrollment.members f WHERE f.payer_id = @payer_id AND f.subscriber_no = s.subscriber_no AND f.is_subscriber)
        OR EXISTS (SELECT FROM enrollment.staged_members p WHERE p.import_id = s.import_id AND p.subscriber_no = s.subscriber_no AND p.pass = 0) AS named
    FROM enrollment.staged_members s
    WHERE s.import_id = @import_id AND s.pass = 1 AND s.subscriber_no <> ''
    ORDER BY s.seq
    LIMIT 1000
) d;

-- name: LinkDependents :exec
-- Finds the families of the next dependents: by the subscriber's number, or by
-- their place in the file where there is none. Of a payer that gives dependents
-- numbers of their own, also by those on file, and by the place of new ones.
WITH batch AS MATERIALIZED (
    SELECT s.seq, s.subscriber_no, s.own_no, s.prior_subscriber_seq, s.family_search, s.address1, s.zip
    FROM enrollment.staged_members s
    WHERE s.import_id = @import_id AND s.pass = 1 AND s.seq > @after AND s.seq <= @upto
), linked AS (
    SELECT b.seq,
           coalesce(f.member_id, st.member_id, own.subscriber_member_id, prior.member_id) AS subscriber_member_id,
           CASE
               WHEN f.member_id IS NOT NULL OR st.member_id IS NOT NULL THEN b.subscriber_no
               ELSE coalesce(own.subscriber_no, prior.subscriber_no, b.subscriber_no)
           END AS subscriber_no,
           CASE
               WHEN f.member_id IS NOT NULL OR st.member_id IS NOT NULL THEN b.own_no
               WHEN own.member_id IS NOT NULL OR prior.member_id IS NOT NULL THEN coalesce(b.own_no, nullif(b.subscriber_no, ''))
               ELSE b.own_no
           END AS own_no
    FROM batch b
    LEFT JOIN LATERAL (
        -- A subscriber of this number who stands right before and was turned
        -- away is somebody else than the one on file: that family is not this
        -- one's.
        SELECT p.seq FROM enrollment.staged_members p
        WHERE p.import_id = @import_id AND p.seq = b.prior_subscriber_seq AND p.state = 'reject' AND p.subscriber_no = b.subscriber_no
        OFFSET 0
    ) away ON true
    LEFT JOIN LATERAL (
        SELECT m.member_id FROM enrollment.members m
        WHERE m.payer_id = @payer_id AND m.subscriber_no = b.subscriber_no AND m.is_subscriber AND away.seq IS NULL
        OFFSET 0
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT p.member_id FROM enrollment.staged_members p
        WHERE p.import_id = @import_id AND p.subscriber_no = b.subscriber_no AND b.subscriber_no <> '' AND p.pass = 0 AND p.state = 'ready'
          AND away.seq IS NULL
        ORDER BY p.subscriber_no, p.seq
        LIMIT 1
    ) st ON true
    LEFT JOIN LATERAL (
        SELECT (array_agg(m.member_id))[1] AS member_id, (array_agg(m.subscriber_member_id))[1] AS subscriber_member_id, min(m.subscriber_no) AS subscriber_no
        FROM enrollment.members m
        WHERE @own_numbers::boolean AND m.payer_id = @payer_id AND m.own_no = coalesce(b.own_no, b.subscriber_no) AND NOT m.is_subscriber
          AND f.member_id IS NULL AND st.member_id IS NULL
        HAVING count(*) = 1
    ) own ON true
    LEFT JOIN LATERAL (
        SELECT p.member_id, p.subscriber_no FROM enrollment.staged_members p
        WHERE p.import_id = @import_id AND p.seq = b.prior_subscriber_seq AND p.state = 'ready'
          AND f.member_id IS NULL AND st.member_id IS NULL AND own.member_id IS NULL
          AND (b.subscriber_no = '' OR (@by_order::boolean
               AND (p.family_search = b.family_search OR (p.address1 <> '' AND p.address1 = b.address1 AND p.zip = b.zip))))
        OFFSET 0
    ) prior ON true
)
UPDATE enrollment.staged_members s
SET subscriber_member_id = l.subscriber_member_id, subscriber_no = l.subscriber_no, own_no = l.own_no
FROM linked l
WHERE s.import_id = @import_id AND s.seq > @after AND s.seq <= @upto AND s.seq = l.seq AND l.subscriber_member_id IS NOT NULL;

-- name: CheckDependents :many
-- Finds, for the next dependents of a file, who they are within the family that
-- LinkDependents found.
WITH batch AS MATERIALIZED (
    SELECT s.seq, s.code, s.subscriber_no, s.own_no, s.match_given, s.match_birth, s.given_search, s.birth_date, s.ssn_hash,
           s.gender, s.birth_order, s.subscriber_member_id, s.prior_subscriber_seq,
           (s.match_given <> s.given_search OR s.match_birth IS DISTINCT FROM s.birth_date) AS corrected
    FROM enrollment.staged_members s
    WHERE s.import_id = @import_id AND s.pass = 1 AND s.seq > @after AND s.seq <= @upto
), verdict AS (
    SELECT b.seq,
           CASE
               WHEN b.subscriber_member_id IS NULL AND b.subscriber_no = '' THEN 'no_subscriber_no'
               WHEN b.subscriber_member_id IS NULL AND away.seq IS NOT NULL AND taken.member_id IS NOT NULL THEN 'subscriber_rejected'
               WHEN b.subscriber_member_id IS NULL AND b.code IN ('021', '030') THEN 'no_subscriber'
               WHEN b.subscriber_member_id IS NULL THEN 'not_on_file'
               WHEN f.rank = 9 THEN 'identity_conflict'
               WHEN f.persons > 1 THEN 'ambiguous'
               WHEN f.persons = 1 AND f.is_subscriber THEN 'role_changed'
               WHEN f.persons = 1 AND f.other_ssn AND f.rank > 1 THEN 'ambiguous'
               WHEN f.persons = 1 THEN ''
               WHEN n.persons = 0 THEN CASE WHEN b.code IN ('021', '030') THEN 'no_birth_date' ELSE 'not_on_file' END
               WHEN n.own_conflict THEN 'identity_conflict'
               WHEN n.persons > 1 OR n.other_person THEN 'ambiguous'
               ELSE ''
           END AS reason,
           coalesce(f.member_id, n.new_id) AS member_id
    FROM batch b
    CROSS JOIN LATERAL (
        SELECT count(*) AS persons, (array_agg(c.member_id))[1] AS member_id, bool_or(c.is_subscriber) AS is_subscriber,
               bool_or(c.other_ssn) AS other_ssn, min(c.rank) AS rank
        FROM (
            SELECT r.member_id, r.is_subscriber, r.other_ssn, r.rank, min(r.rank) OVER () AS best
            FROM (
                SELECT m.member_id, m.is_subscriber,
                       (b.code IN ('021', '030') AND b.ssn_hash <> m.ssn_hash) AS other_ssn,
                       CASE
                           WHEN b.own_no = m.own_no AND (b.match_birth IS NULL OR b.match_birth = m.birth_date OR b.match_given = m.given_search) THEN 1
                           WHEN b.own_no = m.own_no THEN 9
                           WHEN b.own_no IS NOT NULL AND m.own_no IS NOT NULL THEN NULL
                           WHEN b.match_given = m.given_search AND (b.match_birth = m.birth_date OR (b.match_birth IS NULL AND NOT m.is_subscriber)) THEN 2
                           WHEN b.given_search = m.given_search AND b.birth_date = m.birth_date THEN 3
                       END AS rank
                FROM enrollment.members m
                WHERE m.payer_id = @payer_id AND m.subscriber_no = b.subscriber_no AND b.subscriber_member_id IS NOT NULL
                OFFSET 0
            ) r
            WHERE r.rank IS NOT NULL
        ) c
        WHERE c.rank = c.best
    ) f
    CROSS JOIN LATERAL (
        -- Whom the file adds to this family, up to this record.
        -- Who uses a corrected name is one of the others, if there are any.
        SELECT greatest(count(DISTINCT (a.own_no, a.given_search, a.birth_date)) FILTER (WHERE a.seq <> b.seq OR NOT b.corrected),
                        max((a.seq = b.seq)::int)) AS persons,
               (array_agg(a.new_id ORDER BY a.seq))[1] AS new_id,
               bool_or(a.own_no = b.own_no AND NOT (a.given_search = b.match_given OR b.match_birth IS NULL OR b.match_birth = a.birth_date)) AS own_conflict,
               -- Added twice under one name: perhaps twins who have no names yet.
               bool_or(a.seq <> b.seq AND b.code IN ('021', '030') AND (a.own_no IS NULL OR b.own_no IS NULL)
                       AND (a.ssn_hash <> b.ssn_hash OR (a.gender <> '' AND b.gender <> '' AND a.gender <> b.gender)
                            OR (a.birth_order <> '' AND b.birth_order <> '' AND a.birth_order <> b.birth_order))) AS other_person
        FROM (
            SELECT p.seq, p.own_no, p.given_search, p.birth_date, p.new_id, p.ssn_hash, p.gender, p.birth_order
            FROM enrollment.staged_members p
            WHERE p.import_id = @import_id AND p.subscriber_no = b.subscriber_no AND p.seq <= b.seq AND p.pass = 1
              AND p.code IN ('021', '030') AND p.birth_date IS NOT NULL AND p.subscriber_member_id IS NOT NULL
            OFFSET 0
        ) a
        WHERE a.seq = b.seq OR a.own_no = b.own_no
           OR ((a.own_no IS NULL OR b.own_no IS NULL) AND a.given_search = b.match_given
               AND (b.match_birth IS NULL OR b.match_birth = a.birth_date))
    ) n
    LEFT JOIN LATERAL (
        SELECT p.seq FROM enrollment.staged_members p
        WHERE p.import_id = @import_id AND p.seq = b.prior_subscriber_seq AND p.state = 'reject' AND p.subscriber_no = b.subscriber_no
        OFFSET 0
    ) away ON true
    LEFT JOIN LATERAL (
        SELECT m.member_id FROM enrollment.members m
        WHERE m.payer_id = @payer_id AND m.subscriber_no = b.subscriber_no AND m.is_subscriber
        OFFSET 0
    ) taken ON true
)
UPDATE enrollment.staged_members s
SET state = CASE v.reason WHEN '' THEN 'ready' WHEN 'no_subscriber' THEN 'held' ELSE 'reject' END,
    member_id = CASE WHEN v.reason = '' THEN v.member_id END
FROM verdict v
WHERE s.import_id = @import_id AND s.seq > @after AND s.seq <= @upto AND s.seq = v.seq
RETURNING s.seq, v.reason::text AS reason, s.code, s.segment, s.byte_offset, s.subscriber_no, s.given_name, s.family_name;

-- Applying.

-- name: NextReady :many
SELECT * FROM enrollment.staged_members
WHERE import_id = @import_id AND pass = @pass AND seq > @after AND seq <= @upto AND state = 'ready'
ORDER BY seq
LIMIT @most;

-- name: StagedCoveragesBetween :many
SELECT * FROM enrollment.staged_coverages
WHERE import_id = @import_id AND seq >= @first AND seq <= @last
ORDER BY seq, number;

-- name: LockFamilies :many
-- In id order, as everybody locks members.
SELECT * FROM enrollment.members
WHERE member_id = ANY (ARRAY(
    SELECT m.member_id FROM unnest(@numbers::text[]) AS n (subscriber_no)
    CROSS JOIN LATERAL (
        SELECT f.member_id FROM enrollment.members f WHERE f.payer_id = @payer_id AND f.subscriber_no = n.subscriber_no OFFSET 0
    ) m))
ORDER BY member_id
FOR UPDATE;

-- name: CoveragesOf :many
SELECT * FROM enrollment.coverages
WHERE coverage_id = ANY (ARRAY(
    SELECT c.coverage_id FROM unnest(@members::uuid[]) AS n (member_id)
    CROSS JOIN LATERAL (SELECT h.coverage_id FROM enrollment.coverages h WHERE h.member_id = n.member_id OFFSET 0) c))
ORDER BY member_id, starts, coverage_id;

-- name: InsertMembers :copyfrom
INSERT INTO enrollment.members (member_id, payer_id, subscriber_no, own_no, person_key, is_subscriber, subscriber_member_id, relationship,
    given_name, middle_name, family_name, given_search, family_search, name_search, birth_date, gender, email, phone, language,
    address1, address2, city, state, zip, group_no, ssn_hash, version)
VALUES (@member_id, @payer_id, @subscriber_no, @own_no, @person_key, @is_subscriber, @subscriber_member_id, @relationship,
    @given_name, @middle_name, @family_name, @given_search, @family_search, @name_search, @birth_date, @gender, @email, @phone, @language,
    @address1, @address2, @city, @state, @zip, @group_no, @ssn_hash, @version);

-- name: UpdateMembers :batchexec
UPDATE enrollment.members
SET own_no = @own_no, person_key = @person_key, relationship = @relationship, given_name = @given_name, middle_name = @middle_name,
    family_name = @family_name, given_search = @given_search, family_search = @family_search, name_search = @name_search,
    birth_date = @birth_date, gender = @gender, email = @email, phone = @phone, language = @language,
    address1 = @address1, address2 = @address2, city = @city, state = @state, zip = @zip, group_no = @group_no, ssn_hash = @ssn_hash,
    version = @version, updated_at = clock.now()
WHERE member_id = @member_id;

-- name: InsertCoverages :copyfrom
INSERT INTO enrollment.coverages (coverage_id, member_id, line, plan, level, group_no, starts, ends, voided, version)
VALUES (@coverage_id, @member_id, @line, @plan, @level, @group_no, @starts, @ends, @voided, @version);

-- name: UpdateCoverages :batchexec
UPDATE enrollment.coverages
SET plan = @plan, level = @level, group_no = @group_no, starts = @starts, ends = @ends, voided = @voided, version = @version, updated_at = clock.now()
WHERE coverage_id = @coverage_id;

-- name: InsertVersions :copyfrom
INSERT INTO enrollment.member_versions (member_id, version, import_id, action, changed, before)
VALUES (@member_id, @version, @import_id, @action, @changed, @before);

-- name: FamiliesLeftCovered :one
-- Dependents who are still covered though this import ended every coverage of
-- their subscriber.
SELECT count(DISTINCT d.member_id)
FROM enrollment.member_versions v
JOIN enrollment.members d ON d.subscriber_member_id = v.member_id
JOIN enrollment.coverages c ON c.member_id = d.member_id AND NOT c.voided AND c.ends IS NULL
WHERE v.import_id = @import_id AND v.action = 'ended'
  AND NOT EXISTS (SELECT FROM enrollment.coverages s WHERE s.member_id = v.member_id AND NOT s.voided AND s.ends IS NULL);

-- Uploads.

-- name: InsertUpload :exec
INSERT INTO enrollment.uploads (upload_id, payer_id, account_id, file_name, size)
VALUES (@upload_id, @payer_id, @account_id, @file_name, @size);

-- name: LockUpload :one
-- Somebody else's upload is not there.
SELECT * FROM enrollment.uploads WHERE upload_id = @upload_id AND account_id = @account_id FOR UPDATE;

-- name: PutChunk :exec
INSERT INTO enrollment.upload_chunks (upload_id, number, data) VALUES (@upload_id, @number, @data)
ON CONFLICT (upload_id, number) DO UPDATE SET data = excluded.data;

-- name: UploadSize :one
SELECT count(*)::int AS chunks, coalesce(sum(length(data)), 0)::bigint AS bytes, coalesce(max(number), -1)::int AS last
FROM enrollment.upload_chunks WHERE upload_id = @upload_id;

-- name: ChunkSizes :many
SELECT number, length(data)::int AS bytes FROM enrollment.upload_chunks WHERE upload_id = @upload_id ORDER BY number;

-- name: Chunk :one
SELECT data FROM enrollment.upload_chunks WHERE upload_id = @upload_id AND number = @number;

-- name: StartUpload :exec
UPDATE enrollment.uploads SET import_id = @import_id WHERE upload_id = @upload_id;

-- name: UploadOf :one
SELECT upload_id FROM enrollment.uploads WHERE import_id = @import_id;

-- name: DropChunks :execrows
DELETE FROM enrollment.upload_chunks c
WHERE c.upload_id = @upload_id AND c.number IN (SELECT d.number FROM enrollment.upload_chunks d WHERE d.upload_id = @upload_id LIMIT @most);

-- name: DropUpload :exec
DELETE FROM enrollment.uploads WHERE upload_id = @upload_id;

-- name: StaleUploads :many
-- Begun and never finished, or finished with and not yet gone.
SELECT u.upload_id FROM enrollment.uploads u
LEFT JOIN enrollment.imports i ON i.import_id = u.import_id
WHERE (u.import_id IS NULL AND u.created_at < clock.now() - interval '1 day')
   OR i.status IN ('done', 'refused', 'replayed')
LIMIT 50;
