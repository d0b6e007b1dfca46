-- The audit trail. Roles may only call audit.append(): there is no right to
-- read, change or delete an entry through a service's own login.

-- +goose Up
CREATE TABLE audit.entries (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    service    text        NOT NULL,
    account_id uuid,
    session_id uuid,
    actor_service text,
    os_user    text,
    patient_id uuid,
    action     text        NOT NULL CHECK (action ~ '^[a-z_]+(\.[a-z_]+)+$'),
    subject    text        NOT NULL DEFAULT '',
    detail     jsonb       NOT NULL DEFAULT '{}',
    -- No entry without somebody who did it.
    CONSTRAINT entries_actor CHECK (num_nonnulls(account_id, actor_service, os_user) >= 1)
);
CREATE INDEX entries_by_patient ON audit.entries (patient_id, id) WHERE patient_id IS NOT NULL;
CREATE INDEX entries_by_account ON audit.entries (account_id, id) WHERE account_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION audit.append(
    account_id uuid, session_id uuid, actor_service text, os_user text,
    patient_id uuid, action text, subject text, detail jsonb
) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    INSERT INTO audit.entries (service, account_id, session_id, actor_service, os_user, patient_id, action, subject, detail)
    VALUES (session_user, $1, $2, nullif($3, ''), nullif($4, ''), $5, $6, $7, coalesce($8, '{}'))
$$;
-- +goose StatementEnd
