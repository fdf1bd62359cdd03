// Package sql breaks the rule that statements are constants, in the ways that
// marked lines show, and keeps it in the others.
package sql

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

const columns = "a, b"

type list struct{ order, typed string }

func orders() map[string]string { return map[string]string{"new": "a DESC", "old": "a"} }

func kept(ctx context.Context, c *pgx.Conn, by string, ids []int) {
	sql := "SELECT " + columns + " FROM t"
	if len(ids) > 1 {
		sql += fmt.Sprintf(" LIMIT %d", len(ids))
	}
	_, _ = c.Exec(ctx, sql)
	_, _ = c.Exec(ctx, "SELECT "+strings.Join([]string{"a", columns}, ", ")+" ORDER BY "+orders()[by])
	_, _ = c.Exec(ctx, "SELECT a FROM t ORDER BY "+list{order: "a"}.order)
	run(ctx, c, "SELECT 1")
}

func run(ctx context.Context, c *pgx.Conn, text string) { _, _ = c.Exec(ctx, text) }

func broken(ctx context.Context, c *pgx.Conn, name string) {
	_, _ = c.Exec(ctx, "SELECT a FROM "+name)                                     // want
	_ = c.QueryRow(ctx, fmt.Sprintf("SELECT a FROM t WHERE b = '%s'", name))      // want
	_, _ = c.Query(ctx, "SELECT a FROM t ORDER BY "+list{typed: name}.typed)      // want
	new(pgx.Batch).Queue("DELETE FROM " + strings.TrimSpace(name))                // want
	_, _ = c.Prepare(ctx, "x", strings.Join([]string{"SELECT a FROM", name}, "")) // want
	other(ctx, c, "SELECT "+name)
}

func other(ctx context.Context, c *pgx.Conn, text string) {
	_, _ = c.Exec(ctx, text) // want
}

func use(ctx context.Context, c *pgx.Conn) {
	kept(ctx, c, "new", nil)
	broken(ctx, c, fmt.Sprint(ctx))
}

var _ = use
