-- Checks that migrations before this one have added hold for all rows. Validating
-- them here, apart, keeps nobody from reading or writing.

-- +goose Up
ALTER TABLE enrollment.findings VALIDATE CONSTRAINT findings_kind_check;
ALTER TABLE enrollment.acts_for VALIDATE CONSTRAINT acts_for_certainty;
ALTER TABLE enrollment.acts_for VALIDATE CONSTRAINT acts_for_limited;
