-- Held records are looked through in order, some at a time, however many there are.

-- +goose Up
CREATE INDEX staged_members_held_in_order ON enrollment.staged_members (import_id, seq) WHERE state = 'held';
