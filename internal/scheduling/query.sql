-- Every statement that scheduling runs. (SELECT clock.now()) stands in
-- parentheses so that it is asked once a statement, not once a row. Whoever
-- acts for a patient with limited rights reaches only what they booked
-- themselves, or staff for them on the phone.

-- name: ListServices :many
SELECT * FROM scheduling.services ORDER BY position;

------------------------------------------------------------------- holds

-- name: NewestHold :one
-- What a browser holds, or held last.
SELECT * FROM scheduling.reservations
WHERE browser = @browser
ORDER BY created_at DESC, reservation_id DESC
LIMIT 1;

-- name: LockNewestHold :one
SELECT * FROM scheduling.reservations
WHERE reservation_id = (
    SELECT r.reservation_id FROM scheduling.reservations r
    WHERE r.browser = @browser
    ORDER BY r.created_at DESC, r.reservation_id DESC
    LIMIT 1)
FOR UPDATE;

-- name: LockHold :one
-- The hold that an account is about to book from its own browser.
SELECT * FROM scheduling.reservations
WHERE reservation_id = @reservation_id AND browser = @browser AND account_id = @account_id
FOR UPDATE;

-- name: HoldToBook :one
-- The same without the lock, to learn first whom it is about.
SELECT * FROM scheduling.reservations
WHERE reservation_id = @reservation_id AND browser = @browser AND account_id = @account_id;

-- name: LiveHoldsOfAddress :one
SELECT count(*) FROM scheduling.reservations
WHERE address = @address AND status = 'held' AND expires_at > (SELECT clock.now()) AND browser <> @browser;

-- name: LockPhysicians :many
-- Whoever gives one time back to take another locks both calendars, in id
-- order: two such exchanges can then never wait for each other.
SELECT physician_id FROM scheduling.physicians
WHERE physician_id = ANY(@physician_ids::uuid[])
ORDER BY physician_id
FOR NO KEY UPDATE;

-- name: ExpireOverlapping :many
-- Stale holds in the way. A row that somebody else works on is left to them:
-- the insert that follows waits for their commit.
UPDATE scheduling.reservations SET status = 'expired', version = version + 1, updated_at = clock.now()
WHERE reservation_id IN (
    SELECT s.reservation_id FROM scheduling.reservations s
    WHERE s.physician_id = @physician_id AND s.lane = 0 AND s.status = 'held'
      AND s.occupied && tstzrange(@occupied_from::timestamptz, @occupied_to::timestamptz)
      AND s.expires_at <= (SELECT clock.now())
    ORDER BY s.reservation_id
    FOR UPDATE SKIP LOCKED)
RETURNING physician_id, lower(occupied)::timestamptz AS occupied_from, upper(occupied)::timestamptz AS occupied_to;

-- name: ExpireStale :many
-- What the timer does, a batch at a time.
UPDATE scheduling.reservations SET status = 'expired', version = version + 1, updated_at = clock.now()
WHERE reservation_id IN (
    SELECT s.reservation_id FROM scheduling.reservations s
    WHERE s.status = 'held' AND s.expires_at <= (SELECT clock.now())
    ORDER BY s.expires_at
    LIMIT @batch
    FOR UPDATE SKIP LOCKED)
RETURNING physician_id, lower(occupied)::timestamptz AS occupied_from, upper(occupied)::timestamptz AS occupied_to;

-- name: InsertHold :one
-- No row: somebody was faster, or this browser holds something meanwhile.
INSERT INTO scheduling.reservations (
    reservation_id, status, physician_id, service_id, during, occupied, state, time_zone,
    browser, address, expires_at, account_id, answers_about, answers, by_desk)
VALUES (
    @reservation_id, 'held', @physician_id, @service_id,
    tstzrange(@starts_at::timestamptz, @ends_at::timestamptz),
    tstzrange(@occupied_from::timestamptz, @occupied_to::timestamptz), @state, @time_zone,
    @browser, @address, clock.now() + @keep::interval,
    sqlc.narg(account_id), sqlc.narg(answers_about), sqlc.narg(answers), @by_desk)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: ReleaseHold :execrows
UPDATE scheduling.reservations SET status = 'released', version = version + 1, updated_at = clock.now()
WHERE reservation_id = @reservation_id AND status = 'held';

-- name: RestoreHold :exec
-- Gives back what this same transaction took away: nobody can have come
-- between, for whoever wants the time waits for this transaction.
UPDATE scheduling.reservations SET status = @status, became = NULL, version = version + 1, updated_at = clock.now()
WHERE reservation_id = @reservation_id AND status IN ('released', 'converted');

-- name: ExtendHold :one
UPDATE scheduling.reservations
SET expires_at = clock.now() + @keep::interval, extensions = extensions + 1, version = version + 1, updated_at = clock.now()
WHERE reservation_id = @reservation_id AND status = 'held' AND extensions < @most
RETURNING *;

-- name: KeepAnswers :one
UPDATE scheduling.reservations
SET account_id = @account_id, answers_about = @answers_about, answers = @answers, by_desk = @by_desk, version = version + 1, updated_at = clock.now()
WHERE reservation_id = @reservation_id AND status IN ('held', 'expired')
RETURNING *;

-- name: ConvertHold :execrows
UPDATE scheduling.reservations SET status = 'converted', became = @became, version = version + 1, updated_at = clock.now()
WHERE reservation_id = @reservation_id AND status IN ('held', 'expired');

------------------------------------------------------------- appointments

-- name: InsertAppointment :one
-- No row: the physician or the patient has something else then.
INSERT INTO scheduling.reservations (
    reservation_id, status, physician_id, lane, service_id, during, occupied, state, time_zone,
    account_id, answers_about, answers, patient_id, reference, consent_id, coverage_id, payer_name, price_cents,
    decision, rule_version, facts_version, booked_at, by_desk, consent_method, consent_by)
SELECT @reservation_id, 'booked', h.physician_id, h.lane, h.service_id, h.during, h.occupied, h.state, h.time_zone,
    h.account_id, h.answers_about, h.answers, h.answers_about, @reference, @consent_id, sqlc.narg(coverage_id), @payer_name, @price_cents,
    @decision, @rule_version, @facts_version, clock.now(), h.by_desk, @consent_method, @consent_by
FROM scheduling.reservations h
WHERE h.reservation_id = @hold_id
ON CONFLICT DO NOTHING
RETURNING *;

-- name: InTheWay :one
-- What kept an insert from a row: the physician's time, or the patient's.
SELECT
    EXISTS (SELECT 1 FROM scheduling.reservations r
        WHERE r.physician_id = h.physician_id AND r.lane = h.lane AND r.occupied && h.occupied
          AND r.status IN ('held', 'booked')) AS taken,
    EXISTS (SELECT 1 FROM scheduling.reservations r
        WHERE r.patient_id = h.answers_about AND r.during && h.during
          AND r.status IN ('held', 'booked')) AS patient_busy
FROM scheduling.reservations h
WHERE h.reservation_id = @hold_id;

-- name: CancelAppointment :one
UPDATE scheduling.reservations r
SET status = 'canceled', canceled_at = clock.now(), canceled_by = @account_id, version = r.version + 1, updated_at = clock.now()
WHERE r.reservation_id = @reservation_id AND r.status = 'booked' AND lower(r.during) > (SELECT clock.now())
  AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id)
  AND (r.account_id = @account_id OR r.by_desk OR r.patient_id NOT IN (SELECT l.patient_id FROM scheduling.acting l WHERE l.account_id = @account_id AND l.limited))
RETURNING *;

-- name: LockOwnAppointment :one
-- An appointment that is about to be moved. Not FOR UPDATE: whoever notes it
-- as affected refers to it meanwhile.
SELECT * FROM scheduling.reservations r
WHERE r.reservation_id = @reservation_id AND r.status IN ('booked', 'canceled', 'moved', 'closed')
  AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id)
  AND (r.account_id = @account_id OR r.by_desk OR r.patient_id NOT IN (SELECT l.patient_id FROM scheduling.acting l WHERE l.account_id = @account_id AND l.limited))
FOR NO KEY UPDATE OF r;

-- name: LockPatient :one
-- Two moves of one patient's visits go one after the other: each may want the
-- time that the other gives up.
SELECT true AS found FROM scheduling.patients WHERE patient_id = @patient_id FOR NO KEY UPDATE;

-- name: MoveAway :execrows
UPDATE scheduling.reservations
SET status = 'moved', moved_to = @moved_to, moved_at = clock.now(), moved_by = @account_id, version = version + 1, updated_at = clock.now()
WHERE reservation_id = @reservation_id AND status = 'booked' AND lower(during) > (SELECT clock.now());

-- name: InsertMoved :one
-- What the old row says of patient, answers, consent and payment, at another
-- time. No row: the physician or the patient has something else then.
INSERT INTO scheduling.reservations (
    reservation_id, version, status, physician_id, service_id, during, occupied, state, time_zone,
    account_id, answers_about, answers, patient_id, reference, consent_id, coverage_id, payer_name, price_cents,
    decision, rule_version, facts_version, booked_at, origin, by_desk, consent_method, consent_by)
SELECT @reservation_id, o.version + 1, 'booked', @physician_id, o.service_id,
    tstzrange(@starts_at::timestamptz, @ends_at::timestamptz),
    tstzrange(@occupied_from::timestamptz, @occupied_to::timestamptz), o.state, o.time_zone,
    o.account_id, o.answers_about, o.answers, o.patient_id, o.reference, o.consent_id, o.coverage_id, o.payer_name, o.price_cents,
    @decision, @rule_version, @facts_version, clock.now(), coalesce(o.origin, o.reservation_id), o.by_desk, o.consent_method, o.consent_by
FROM scheduling.reservations o
WHERE o.reservation_id = @old_id
ON CONFLICT DO NOTHING
RETURNING *;

-- name: InTheWayOfMove :one
SELECT
    EXISTS (SELECT 1 FROM scheduling.reservations r
        WHERE r.physician_id = @physician_id AND r.lane = 0 AND r.status IN ('held', 'booked')
          AND r.occupied && tstzrange(@occupied_from::timestamptz, @occupied_to::timestamptz)) AS taken,
    EXISTS (SELECT 1 FROM scheduling.reservations r
        WHERE r.patient_id = @patient_id AND r.status IN ('held', 'booked')
          AND r.during && tstzrange(@starts_at::timestamptz, @ends_at::timestamptz)) AS patient_busy;

-- name: OwnAppointment :one
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
FROM scheduling.reservations r
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE r.reservation_id = @reservation_id AND r.status IN ('booked', 'canceled', 'moved', 'closed')
  AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id)
  AND (r.account_id = @account_id OR r.by_desk OR r.patient_id NOT IN (SELECT l.patient_id FROM scheduling.acting l WHERE l.account_id = @account_id AND l.limited));

-- name: UpcomingAppointments :many
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
FROM scheduling.reservations r
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE r.status = 'booked' AND upper(r.during) > (SELECT clock.now())
  AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id)
  AND (r.account_id = @account_id OR r.by_desk OR r.patient_id NOT IN (SELECT l.patient_id FROM scheduling.acting l WHERE l.account_id = @account_id AND l.limited))
ORDER BY lower(r.during), r.reservation_id
LIMIT 200;

-- name: PastAppointments :many
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
FROM scheduling.reservations r
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE r.status IN ('booked', 'canceled', 'moved', 'closed')
  AND (r.status <> 'booked' OR upper(r.during) <= (SELECT clock.now()))
  AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id)
  AND (r.account_id = @account_id OR r.by_desk OR r.patient_id NOT IN (SELECT l.patient_id FROM scheduling.acting l WHERE l.account_id = @account_id AND l.limited))
ORDER BY lower(r.during) DESC, r.reservation_id
LIMIT 50;

-- name: PhysicianOfAccount :one
SELECT * FROM scheduling.physicians WHERE account_id = @account_id ORDER BY physician_id LIMIT 1;

-- name: AppointmentsOfPhysician :many
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
FROM scheduling.reservations r
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE p.account_id = @account_id AND r.physician_id = @physician_id
  AND r.status IN ('booked', 'canceled', 'closed')
  AND lower(r.during) >= @from_time::timestamptz AND lower(r.during) < @to_time::timestamptz
ORDER BY lower(r.during);

-- name: EarlierVisits :many
-- What this physician saw of this patient before.
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
FROM scheduling.reservations r
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE r.patient_id = @patient_id AND p.account_id = @account_id AND r.physician_id = @physician_id
  AND r.status IN ('booked', 'closed') AND upper(r.during) <= (SELECT clock.now())
  AND r.reservation_id <> @but
ORDER BY lower(r.during) DESC
LIMIT 3;

-- name: SetPayment :one
-- How a visit is paid, together with the sealed answers that say the same.
UPDATE scheduling.reservations r
SET coverage_id = sqlc.narg(coverage_id), payer_name = @payer_name, price_cents = @price_cents, answers = @answers,
    version = r.version + 1, updated_at = clock.now()
WHERE r.reservation_id = @reservation_id AND r.status = 'booked' AND lower(r.during) > (SELECT clock.now())
  AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id)
  AND (r.account_id = @account_id OR r.by_desk OR r.patient_id NOT IN (SELECT l.patient_id FROM scheduling.acting l WHERE l.account_id = @account_id AND l.limited))
RETURNING *;

-- name: AppointmentForMail :one
SELECT sqlc.embed(r), t.given_name AS patient_given, t.language AS patient_language, t.email AS patient_email,
       t.birth_date AS patient_birth_date
FROM scheduling.reservations r
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE r.reservation_id = @reservation_id AND r.status IN ('booked', 'canceled', 'moved', 'closed');

-- name: GuardiansForMail :many
-- The guardians who may act for a patient today, as the patients that they are
-- themselves: their own address and language.
SELECT DISTINCT g.patient_id, g.given_name, g.language, g.email
FROM scheduling.acting a
JOIN scheduling.acting s ON s.account_id = a.account_id AND s.relation = 'self'
JOIN scheduling.patients g ON g.patient_id = s.patient_id
WHERE a.patient_id = @patient_id AND a.relation = 'guardian'
ORDER BY g.patient_id;

------------------------------------------------------------- projections

-- name: UpsertPhysician :exec
INSERT INTO scheduling.physicians (
    physician_id, account_id, given_name, family_name, credential, specialties, languages, time_zone, facts, version)
VALUES (
    @physician_id, sqlc.narg(account_id), @given_name, @family_name, @credential, @specialties, @languages, @time_zone, @facts, @version)
ON CONFLICT (physician_id) DO UPDATE SET
    account_id = excluded.account_id, given_name = excluded.given_name, family_name = excluded.family_name,
    credential = excluded.credential, specialties = excluded.specialties, languages = excluded.languages,
    time_zone = excluded.time_zone, facts = excluded.facts, version = excluded.version;

-- name: EnsurePhysicianStates :exec
INSERT INTO scheduling.physician_states (physician_id, state)
SELECT @physician_id, unnest(@states::text[])
ON CONFLICT DO NOTHING;

-- name: LockStatesOfPhysician :many
SELECT state FROM scheduling.physician_states
WHERE physician_id = @physician_id
ORDER BY physician_id, state
FOR UPDATE;

-- name: LockPhysiciansOfState :many
SELECT physician_id FROM scheduling.physician_states
WHERE state = @state
ORDER BY physician_id, state
FOR UPDATE;

-- name: SharePhysicianState :one
-- What booking holds while it decides.
SELECT true AS found FROM scheduling.physician_states
WHERE physician_id = @physician_id AND state = @state
FOR SHARE;

-- name: SharePhysiciansState :many
-- The same for two physicians, in the order of whoever changes a state's rules.
SELECT physician_id FROM scheduling.physician_states
WHERE physician_id = ANY(@physician_ids::uuid[]) AND state = @state
ORDER BY physician_id, state
FOR SHARE;

-- name: PhysicianByID :one
SELECT * FROM scheduling.physicians WHERE physician_id = @physician_id;

-- name: PhysiciansByID :many
SELECT * FROM scheduling.physicians WHERE physician_id = ANY(@physician_ids::uuid[]) ORDER BY physician_id;

-- name: CalendarVersions :many
-- What the snapshot that is read next already holds.
SELECT key, version FROM scheduling.feed_heads
WHERE topic = 'calendar';

-- name: PhysicianIDs :many
-- A page of all physicians, in id order.
SELECT physician_id FROM scheduling.physicians WHERE physician_id > @after ORDER BY physician_id LIMIT @page;

-- name: PhysiciansOfState :many
-- Whom a search looks at while the index is not ready.
SELECT p.physician_id FROM scheduling.physicians p
JOIN scheduling.physician_states s USING (physician_id)
WHERE s.state = @state AND p.specialties && @specialties::text[]
  AND (@physician::uuid = '00000000-0000-0000-0000-000000000000' OR p.physician_id = @physician::uuid)
  AND (@language::text = '' OR @language::text = ANY(p.languages))
  AND (@specialty::text = '' OR @specialty::text = ANY(p.specialties))
ORDER BY p.physician_id
LIMIT @page;

-- name: PhysiciansInState :many
SELECT physician_id FROM scheduling.physician_states WHERE state = @state ORDER BY physician_id;

-- name: UpsertRules :exec
INSERT INTO scheduling.rules (state, payload, version) VALUES (@state, @payload, @version)
ON CONFLICT (state) DO UPDATE SET payload = excluded.payload, version = excluded.version;

-- name: RulesOf :one
SELECT payload, version FROM scheduling.rules WHERE state = @state;

-- name: UpsertPatients :batchexec
INSERT INTO scheduling.patients (patient_id, given_name, family_name, birth_date, language, email, time_zone, facts, version)
VALUES (@patient_id, @given_name, @family_name, @birth_date, @language, @email, @time_zone, @facts, @version)
ON CONFLICT (patient_id) DO UPDATE SET
    given_name = excluded.given_name, family_name = excluded.family_name, birth_date = excluded.birth_date,
    language = excluded.language, email = excluded.email, time_zone = excluded.time_zone,
    facts = excluded.facts, version = excluded.version;

-- name: ForgetActsFor :exec
DELETE FROM scheduling.acts_for WHERE patient_id = ANY(@patient_ids::uuid[]);

-- name: InsertActsFor :batchexec
INSERT INTO scheduling.acts_for (account_id, patient_id, relation, from_day, until_day, limited)
VALUES (@account_id, @patient_id, @relation, @from_day, sqlc.narg(until_day), @limited)
ON CONFLICT (account_id, patient_id, relation, from_day) DO UPDATE SET until_day = excluded.until_day, limited = excluded.limited;

-- name: PatientActedFor :one
-- A patient, for an account that may act for them.
SELECT t.facts, EXISTS (SELECT 1 FROM scheduling.acting l
    WHERE l.account_id = @account_id AND l.patient_id = t.patient_id AND l.limited) AS limited
FROM scheduling.patients t
WHERE t.patient_id = @patient_id
  AND t.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id);

--------------------------------------------------------------------- desk

-- name: DeskPatient :one
-- A patient for staff, who act for whomever is on the phone.
SELECT * FROM scheduling.patients WHERE patient_id = @patient_id;

-- name: DeskAppointment :one
-- An appointment of the patient for whom staff act; nothing of anybody else.
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
FROM scheduling.reservations r
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE r.reservation_id = @reservation_id AND r.status IN ('booked', 'canceled', 'moved', 'closed') AND r.patient_id = @patient_id;

-- name: DeskAppointments :many
-- All that is to come, and the newest of what was, of a patient and of those
-- whom they go on for.
(SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language
 FROM scheduling.reservations r
 JOIN scheduling.physicians p ON p.physician_id = r.physician_id
 JOIN scheduling.patients t ON t.patient_id = r.patient_id
 WHERE r.status = 'booked' AND upper(r.during) > (SELECT clock.now()) AND r.patient_id = ANY (@patient_ids::uuid[])
 ORDER BY lower(r.during), r.reservation_id
 LIMIT 200)
UNION ALL
(SELECT sqlc.embed(r), sqlc.embed(p), t.given_name, t.family_name, t.birth_date, t.language
 FROM scheduling.reservations r
 JOIN scheduling.physicians p ON p.physician_id = r.physician_id
 JOIN scheduling.patients t ON t.patient_id = r.patient_id
 WHERE r.status IN ('booked', 'canceled', 'moved', 'closed')
   AND (r.status <> 'booked' OR upper(r.during) <= (SELECT clock.now())) AND r.patient_id = ANY (@patient_ids::uuid[])
 ORDER BY lower(r.during) DESC, r.reservation_id
 LIMIT 50);

-- name: LockDeskAppointment :one
SELECT * FROM scheduling.reservations r
WHERE r.reservation_id = @reservation_id AND r.status IN ('booked', 'canceled', 'moved', 'closed') AND r.patient_id = @patient_id
FOR NO KEY UPDATE OF r;

-- name: CancelDeskAppointment :one
UPDATE scheduling.reservations r
SET status = 'canceled', canceled_at = clock.now(), canceled_by = @account_id, version = r.version + 1, updated_at = clock.now()
WHERE r.reservation_id = @reservation_id AND r.status = 'booked' AND lower(r.during) > (SELECT clock.now())
  AND r.patient_id = @patient_id
RETURNING *;

-- name: PatientOfReference :one
SELECT patient_id FROM scheduling.reservations
WHERE reference = @reference AND status IN ('booked', 'canceled', 'closed');

-- name: SignConsents :many
-- One signature is good for all of the patient's visits that wait for it: those
-- that were agreed to on the phone and, from 18 on, those that a guardian agreed
-- to. The version stays: a mail about the appointment is still about this one.
UPDATE scheduling.reservations r
SET consent_id = @consent_id, consent_method = 'written', consent_by = @consent_by, updated_at = clock.now()
WHERE (r.consent_method = 'verbal' OR (@of_age::boolean AND r.consent_by NOT IN ('patient', 'caregiver'))) AND r.status = 'booked'
  AND r.patient_id = (
    SELECT o.patient_id FROM scheduling.reservations o
    WHERE o.reservation_id = @reservation_id
      AND o.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = @account_id))
RETURNING r.reservation_id;

----------------------------------------------------------------- affected

-- name: FutureOfPhysician :many
SELECT * FROM scheduling.reservations
WHERE physician_id = @physician_id AND status = 'booked' AND lower(during) > (SELECT clock.now())
ORDER BY lower(during);

-- name: FutureInState :many
SELECT * FROM scheduling.reservations
WHERE physician_id = ANY(@physician_ids::uuid[]) AND state = @state AND status = 'booked' AND lower(during) > (SELECT clock.now())
ORDER BY physician_id, lower(during);

-- name: InsertAffected :execrows
INSERT INTO scheduling.affected (affected_id, reservation_id, physician_id, state, reason, decision)
VALUES (@affected_id, @reservation_id, @physician_id, @state, @reason, @decision)
ON CONFLICT DO NOTHING;

-- name: ResolveAffected :execrows
-- The license is in the way no longer.
UPDATE scheduling.affected SET resolved_at = clock.now(), resolution = 'restored'
WHERE reservation_id = @reservation_id AND resolved_at IS NULL AND reason <> 'outside_hours';

-- name: ResolveOutside :many
-- The hours are in the way no longer.
UPDATE scheduling.affected SET resolved_at = clock.now(), resolution = 'restored'
WHERE reservation_id = ANY(@reservation_ids::uuid[]) AND resolved_at IS NULL AND reason = 'outside_hours'
RETURNING reservation_id;

-- name: SettleAffected :execrows
-- The visit was moved or canceled: whatever was in its way.
UPDATE scheduling.affected SET resolved_at = clock.now(), resolution = @resolution
WHERE reservation_id = @reservation_id AND resolved_at IS NULL;

-- name: AffectedForMail :one
SELECT a.affected_id, a.reservation_id, a.reason, t.patient_id, t.given_name AS patient_given, t.language AS patient_language,
    t.email AS patient_email, t.birth_date AS patient_birth_date, r.reference, r.time_zone, lower(r.during)::timestamptz AS starts_at
FROM scheduling.affected a
JOIN scheduling.reservations r USING (reservation_id)
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE a.affected_id = @affected_id AND a.resolved_at IS NULL AND a.told_at IS NULL
  AND r.status = 'booked' AND lower(r.during) > (SELECT clock.now());

-- name: ToldAffected :exec
UPDATE scheduling.affected SET told_at = clock.now() WHERE affected_id = @affected_id AND told_at IS NULL;

---------------------------------------------------------------- coverage

-- name: CoveredVisits :many
-- Visits to come of some patients that a coverage pays, or paid.
SELECT * FROM scheduling.reservations
WHERE patient_id = ANY(@patient_ids::uuid[]) AND status = 'booked' AND coverage_id IS NOT NULL
  AND upper(during) > (SELECT clock.now())
ORDER BY reservation_id;

-- name: PatientsWithCoveredVisits :many
-- A page of the patients who have such visits, for the sweep.
SELECT DISTINCT patient_id::uuid AS patient_id FROM scheduling.reservations
WHERE status = 'booked' AND coverage_id IS NOT NULL AND upper(occupied) > (SELECT clock.now()) AND patient_id > @after::uuid
ORDER BY 1
LIMIT @page;

-- name: SharePatients :many
-- Facts that stay as they are until the commit. Those that just change are
-- left to whoever changes them.
SELECT patient_id, facts FROM scheduling.patients
WHERE patient_id = ANY(@patient_ids::uuid[])
ORDER BY patient_id
FOR SHARE SKIP LOCKED;

-- name: OpenCoverageNotices :many
SELECT * FROM scheduling.coverage_notices
WHERE reservation_id = ANY(@reservation_ids::uuid[]) AND resolved_at IS NULL;

-- name: NoteCoverage :one
-- Another notice_id than the one given: it was noted before.
INSERT INTO scheduling.coverage_notices (notice_id, reservation_id, reason, ended_on)
VALUES (@notice_id, @reservation_id, @reason, sqlc.narg(ended_on))
ON CONFLICT (reservation_id, reason) WHERE (resolved_at IS NULL) DO UPDATE SET ended_on = excluded.ended_on
RETURNING notice_id;

-- name: ResolveCoverageNotices :execrows
-- All that is open of a visit but one reason.
UPDATE scheduling.coverage_notices SET resolved_at = clock.now(), resolution = @resolution
WHERE reservation_id = @reservation_id AND resolved_at IS NULL AND reason <> @but;

-- name: CoverageNoticeForMail :one
-- With the visit and the patient's facts as they are now: what was noted may
-- have been overtaken. The payment of a visit that has begun stays as it is.
SELECT n.reason, sqlc.embed(r), t.facts, t.given_name AS patient_given, t.language AS patient_language, t.email AS patient_email,
    t.birth_date AS patient_birth_date
FROM scheduling.coverage_notices n
JOIN scheduling.reservations r USING (reservation_id)
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE n.notice_id = @notice_id AND n.resolved_at IS NULL AND n.told_at IS NULL
  AND r.status = 'booked' AND lower(r.during) > (SELECT clock.now());

-- name: OvertakeCoverageNotice :execrows
UPDATE scheduling.coverage_notices SET resolved_at = clock.now(), resolution = 'overtaken'
WHERE notice_id = @notice_id AND resolved_at IS NULL;

-- name: ToldCoverageNotice :exec
UPDATE scheduling.coverage_notices SET told_at = clock.now() WHERE notice_id = @notice_id AND told_at IS NULL;

---------------------------------------------------------------- troubles

-- name: TroublesOf :many
-- What is open of some visits.
SELECT reservation_id, CASE reason WHEN 'outside_hours' THEN 'hours' ELSE 'license' END::text AS kind, reason,
    NULL::date AS ended_on, found_at, told_at
FROM scheduling.affected
WHERE reservation_id = ANY(@reservation_ids::uuid[]) AND resolved_at IS NULL
UNION ALL
SELECT reservation_id, 'coverage', reason, ended_on, found_at, told_at
FROM scheduling.coverage_notices
WHERE reservation_id = ANY(@reservation_ids::uuid[]) AND resolved_at IS NULL
ORDER BY found_at;

-- name: AffectedVisits :many
-- For staff: what is open, with the soonest visit first, then what was mended
-- in the last days. Visits long over are left out.
WITH troubles AS (
    SELECT reservation_id, CASE reason WHEN 'outside_hours' THEN 'hours' ELSE 'license' END::text AS kind, reason,
        NULL::date AS ended_on, found_at, told_at, resolved_at, coalesce(resolution, '')::text AS resolution
    FROM scheduling.affected
    WHERE resolved_at IS NULL OR resolved_at > @since::timestamptz
    UNION ALL
    SELECT reservation_id, 'coverage', reason, ended_on, found_at, told_at, resolved_at, coalesce(resolution, '')
    FROM scheduling.coverage_notices
    WHERE resolved_at IS NULL OR resolved_at > @since::timestamptz)
SELECT sqlc.embed(r), sqlc.embed(p), t.given_name AS patient_given, t.family_name AS patient_family, t.birth_date AS patient_born, t.language AS patient_language,
    x.kind, x.reason, x.ended_on, x.found_at, x.told_at, x.resolved_at, x.resolution
FROM troubles x
JOIN scheduling.reservations r USING (reservation_id)
JOIN scheduling.physicians p ON p.physician_id = r.physician_id
JOIN scheduling.patients t ON t.patient_id = r.patient_id
WHERE upper(r.during) > @since::timestamptz AND (x.resolved_at IS NOT NULL OR r.status = 'booked')
ORDER BY x.resolved_at IS NOT NULL, lower(r.during) <= (SELECT clock.now()), lower(r.during), r.reservation_id, x.kind
LIMIT @page;

------------------------------------------------------------- availability

-- name: WindowsOf :many
SELECT * FROM scheduling.availability_windows
WHERE physician_id = ANY(@physician_ids::uuid[])
ORDER BY physician_id, weekday, from_minute;

-- name: ExceptionsOf :many
-- One row a window; a closed date has one row without.
SELECT e.physician_id, e.on_day, coalesce(w.from_minute, 0)::integer AS from_minute, coalesce(w.to_minute, 0)::integer AS to_minute
FROM scheduling.availability_exceptions e
LEFT JOIN scheduling.exception_windows w ON w.physician_id = e.physician_id AND w.on_day = e.on_day
WHERE e.physician_id = ANY(@physician_ids::uuid[])
ORDER BY e.physician_id, e.on_day, w.from_minute;

-- name: LockOwnPhysician :one
-- A calendar that the caller may set: their own, or any for a service.
SELECT physician_id FROM scheduling.physicians
WHERE physician_id = @physician_id AND (@as_service::boolean OR account_id = @account_id)
FOR NO KEY UPDATE;

-- name: HasWindows :one
SELECT EXISTS (SELECT 1 FROM scheduling.availability_windows WHERE physician_id = @physician_id);

-- name: ForgetWindows :exec
DELETE FROM scheduling.availability_windows WHERE physician_id = @physician_id;

-- name: ForgetExceptions :exec
DELETE FROM scheduling.availability_exceptions WHERE physician_id = @physician_id;

-- name: InsertWindows :exec
INSERT INTO scheduling.availability_windows (physician_id, weekday, from_minute, to_minute)
SELECT @physician_id, unnest(@weekdays::smallint[]), unnest(@from_minutes::integer[]), unnest(@to_minutes::integer[]);

-- name: InsertExceptions :exec
INSERT INTO scheduling.availability_exceptions (physician_id, on_day)
SELECT @physician_id, unnest(@days::date[]);

-- name: InsertExceptionWindows :exec
INSERT INTO scheduling.exception_windows (physician_id, on_day, from_minute, to_minute)
SELECT @physician_id, unnest(@days::date[]), unnest(@from_minutes::integer[]), unnest(@to_minutes::integer[]);

-------------------------------------------------------------------- index

-- name: SnapshotXmin :one
-- Where to begin reading the feed, asked before the snapshot is taken.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin;

-- name: LiveReservations :many
SELECT physician_id, lower(occupied)::timestamptz AS occupied_from, upper(occupied)::timestamptz AS occupied_to
FROM scheduling.reservations
WHERE status IN ('held', 'booked') AND upper(occupied) > @since::timestamptz
  AND physician_id = ANY(@physician_ids::uuid[]);

-- name: BusyAsAnother :one
-- Whether somebody has a visit then under the id of another patient who was
-- merged into them. The constraint knows each id alone; nothing new is booked
-- for the other one.
SELECT EXISTS (
    SELECT FROM scheduling.reservations r
    WHERE r.patient_id = ANY(@patient_ids::uuid[]) AND r.status = 'booked' AND r.during && tstzrange(@starts_at::timestamptz, @ends_at::timestamptz)
) AS busy;
