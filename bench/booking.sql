-- One booking as pgbench runs it: the statements of PlaceHold, SaveAnswers and Book, in their transactions, with rows as
-- long as theirs. The topic and the queue are ones that nobody follows, so that the idle portal does not wake up.
-- They are those that the server logged for one booking (log_min_duration_statement = 0): services are not among them,
-- which scheduling rereads once a minute, nor River's notification, which it sends a few times a second at most. Only the
-- first one is pgbench's own: it makes what a search would have given.
\set n random(1, 100000000)
\set p random(0, :physicians - 1)
SELECT gen_random_uuid() AS hold, gen_random_uuid() AS appt, gen_random_uuid() AS k, (SELECT physician_id FROM scheduling.physician_states WHERE state = 'PA' ORDER BY physician_id OFFSET :p::int LIMIT 1) AS doctor
\gset
-- PlaceHold
BEGIN;
INSERT INTO scheduling.idempotency (principal, method, key, request_hash) VALUES ('bench', 'PlaceHold', :k::text, sha256(convert_to(:k::text, 'UTF8'))) ON CONFLICT DO NOTHING;
SELECT count(*) FROM scheduling.reservations WHERE address = sha256(convert_to(:k::text, 'UTF8')) AND status = 'held' AND expires_at > (SELECT clock.now()) AND browser <> sha256('x');
SELECT * FROM scheduling.availability_windows WHERE physician_id = ANY(ARRAY[:doctor::uuid]) ORDER BY physician_id, weekday, from_minute;
SELECT e.physician_id, e.on_day, w.from_minute, w.to_minute FROM scheduling.availability_exceptions e LEFT JOIN scheduling.exception_windows w ON w.physician_id = e.physician_id AND w.on_day = e.on_day WHERE e.physician_id = ANY(ARRAY[:doctor::uuid]) ORDER BY e.physician_id, e.on_day, w.from_minute;
SELECT version FROM scheduling.rules WHERE state = 'PA';
SELECT * FROM scheduling.physicians WHERE physician_id = :doctor::uuid;
SELECT * FROM scheduling.reservations WHERE reservation_id = (SELECT r.reservation_id FROM scheduling.reservations r WHERE r.browser = sha256(convert_to(:k::text, 'UTF8')) ORDER BY r.created_at DESC, r.reservation_id DESC LIMIT 1) FOR UPDATE;
UPDATE scheduling.reservations SET status = 'expired', version = version + 1, updated_at = clock.now() WHERE reservation_id IN (SELECT s.reservation_id FROM scheduling.reservations s WHERE s.physician_id = :doctor::uuid AND s.lane = 0 AND s.status = 'held' AND s.occupied && tstzrange('2030-01-01 00:00Z'::timestamptz + :n::int * interval '30 minutes', '2030-01-01 00:25Z'::timestamptz + :n::int * interval '30 minutes') AND s.expires_at <= (SELECT clock.now()) ORDER BY s.reservation_id FOR UPDATE SKIP LOCKED) RETURNING physician_id;
INSERT INTO scheduling.reservations (reservation_id, status, physician_id, service_id, during, occupied, state, time_zone, browser, address, expires_at) VALUES (:hold::uuid, 'held', :doctor::uuid, 'general', tstzrange('2030-01-01 00:00Z'::timestamptz + :n::int * interval '30 minutes', '2030-01-01 00:20Z'::timestamptz + :n::int * interval '30 minutes'), tstzrange('2030-01-01 00:00Z'::timestamptz + :n::int * interval '30 minutes', '2030-01-01 00:25Z'::timestamptz + :n::int * interval '30 minutes'), 'PA', 'America/New_York', sha256(convert_to(:k::text, 'UTF8')), sha256(convert_to(:k::text, 'UTF8')), clock.now() + interval '10 minutes') ON CONFLICT DO NOTHING RETURNING *;
WITH head AS (INSERT INTO scheduling.feed_heads AS h (topic, key, version) VALUES ('bench', :doctor::text, 1) ON CONFLICT (topic, key) DO UPDATE SET version = h.version + 1 RETURNING version) INSERT INTO scheduling.feed (topic, key, version, payload) SELECT 'bench', :doctor::text, version, sha256('x') FROM head RETURNING version;
SELECT * FROM scheduling.physicians WHERE physician_id = :doctor::uuid;
UPDATE scheduling.idempotency SET response = convert_to(repeat('r', 200), 'UTF8') WHERE principal = 'bench' AND method = 'PlaceHold' AND key = :k::text;
COMMIT;
-- SaveAnswers
SELECT t.* FROM scheduling.patients t WHERE t.patient_id = :patient::uuid AND t.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = :account::uuid);
BEGIN;
SELECT * FROM scheduling.reservations WHERE reservation_id = (SELECT r.reservation_id FROM scheduling.reservations r WHERE r.browser = sha256(convert_to(:k::text, 'UTF8')) ORDER BY r.created_at DESC, r.reservation_id DESC LIMIT 1) FOR UPDATE;
SELECT wrapped FROM scheduling.data_keys WHERE patient_id = :patient::uuid;
UPDATE scheduling.reservations SET account_id = :account::uuid, answers_about = :patient::uuid, answers = convert_to(repeat('a', 150), 'UTF8'), version = version + 1, updated_at = clock.now() WHERE reservation_id = :hold::uuid AND status IN ('held', 'expired') RETURNING *;
SELECT audit.append(:account::uuid, NULL::uuid, '', '', :patient::uuid, 'hold.answer', :hold::text, '{}');
SELECT * FROM scheduling.physicians WHERE physician_id = :doctor::uuid;
COMMIT;
-- Book
SELECT * FROM scheduling.reservations WHERE reservation_id = :hold::uuid AND account_id = :account::uuid;
SELECT t.* FROM scheduling.patients t WHERE t.patient_id = :patient::uuid AND t.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = :account::uuid);
SELECT * FROM scheduling.physicians WHERE physician_id = :doctor::uuid;
BEGIN;
INSERT INTO scheduling.idempotency (principal, method, key, request_hash) VALUES ('bench', 'Book', :k::text, sha256(convert_to(:k::text, 'UTF8'))) ON CONFLICT DO NOTHING;
SELECT true FROM scheduling.physician_states WHERE physician_id = :doctor::uuid AND state = 'PA' FOR SHARE;
SELECT * FROM scheduling.reservations WHERE reservation_id = :hold::uuid AND account_id = :account::uuid FOR UPDATE;
SELECT t.* FROM scheduling.patients t WHERE t.patient_id = :patient::uuid AND t.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = :account::uuid);
SELECT wrapped FROM scheduling.data_keys WHERE patient_id = :patient::uuid;
SELECT version FROM scheduling.rules WHERE state = 'PA';
SELECT * FROM scheduling.physicians WHERE physician_id = :doctor::uuid;
UPDATE scheduling.reservations SET status = 'converted', became = :appt::uuid, version = version + 1, updated_at = clock.now() WHERE reservation_id = :hold::uuid AND status IN ('held', 'expired');
UPDATE scheduling.reservations SET status = 'expired', version = version + 1, updated_at = clock.now() WHERE reservation_id IN (SELECT s.reservation_id FROM scheduling.reservations s WHERE s.physician_id = :doctor::uuid AND s.lane = 0 AND s.status = 'held' AND s.occupied && tstzrange('2030-01-01 00:00Z'::timestamptz + :n::int * interval '30 minutes', '2030-01-01 00:25Z'::timestamptz + :n::int * interval '30 minutes') AND s.expires_at <= (SELECT clock.now()) ORDER BY s.reservation_id FOR UPDATE SKIP LOCKED) RETURNING physician_id;
INSERT INTO scheduling.reservations (reservation_id, status, physician_id, lane, service_id, during, occupied, state, time_zone, account_id, answers_about, answers, patient_id, reference, consent_id, price_cents, decision, rule_version, facts_version, booked_at) SELECT :appt::uuid, 'booked', h.physician_id, h.lane, h.service_id, h.during, h.occupied, h.state, h.time_zone, h.account_id, h.answers_about, h.answers, h.answers_about, :appt::text, :k::text, 7900, jsonb_build_object('Allowed', true, 'Why', repeat('w', 300)), 'bench', 1, clock.now() FROM scheduling.reservations h WHERE h.reservation_id = :hold::uuid ON CONFLICT DO NOTHING RETURNING *;
SELECT audit.append(:account::uuid, NULL::uuid, '', '', :patient::uuid, 'appointment.book', :appt::text, '{"state": "PA"}');
INSERT INTO scheduling.river_job (args, kind, max_attempts, queue) VALUES (jsonb_build_object('appointment_id', :appt::text), 'bench', 25, 'bench') RETURNING *;
SELECT r.*, p.*, t.given_name FROM scheduling.reservations r JOIN scheduling.physicians p ON p.physician_id = r.physician_id JOIN scheduling.patients t ON t.patient_id = r.patient_id WHERE r.reservation_id = :appt::uuid AND r.patient_id IN (SELECT a.patient_id FROM scheduling.acting a WHERE a.account_id = :account::uuid);
WITH head AS (INSERT INTO scheduling.feed_heads AS h (topic, key, version) VALUES ('bench', :doctor::text, 1) ON CONFLICT (topic, key) DO UPDATE SET version = h.version + 1 RETURNING version) INSERT INTO scheduling.feed (topic, key, version, payload) SELECT 'bench', :doctor::text, version, sha256('x') FROM head RETURNING version;
UPDATE scheduling.idempotency SET response = convert_to(repeat('r', 400), 'UTF8') WHERE principal = 'bench' AND method = 'Book' AND key = :k::text;
COMMIT;
