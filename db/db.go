// Package db holds what the database is made of: the migrations, the schema
// that they add up to, and the founding record. Nothing here has logic.
package db

import "embed"

// Migrations holds migrations/NNNNNN_verb_noun.{up,down}.sql, in the order in
// which golang-migrate applies them.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Founding holds the founding record as readable files: founding/*.yaml.
//
//go:embed founding/*.yaml
var Founding embed.FS
