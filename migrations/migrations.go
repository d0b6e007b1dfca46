// Package migrations embeds the schema: one folder, one history and one
// version table for each Postgres schema. Migrations only go forward and only
// name their own schema (and clock, audit, ext, which everybody may call).
package migrations

import "embed"

// FS holds <schema>/NNNN_name.sql.
//
//go:embed */*.sql
var FS embed.FS

// Shared lists the schemas that every service may call into, in the order in
// which they are made.
func Shared() []string { return []string{"clock", "audit"} }

// Services lists the schemas that belong to one service each.
func Services() []string { return []string{"auth", "enrollment", "licensing", "scheduling"} }
