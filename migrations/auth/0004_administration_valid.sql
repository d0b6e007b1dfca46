-- The wider checks of the migration before hold for all rows. Validating them
-- here, after it, keeps nobody from reading or writing.

-- +goose Up
ALTER TABLE auth.accounts VALIDATE CONSTRAINT accounts_roles_check;
ALTER TABLE auth.sessions VALIDATE CONSTRAINT sessions_roles_check;
ALTER TABLE auth.sessions VALIDATE CONSTRAINT sessions_method_check;
ALTER TABLE auth.sessions VALIDATE CONSTRAINT sessions_second_factor;
