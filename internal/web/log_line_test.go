package web_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// TestLogLinesStayLines: what somebody sends makes no line of the log, and
// closes no field of one.
func TestLogLinesStayLines(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(*strings.Builder) slog.Handler{
		"text": func(b *strings.Builder) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *strings.Builder) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var log strings.Builder
		s := newStage(t, func(c *web.Config) { c.Log = slog.New(handler(&log)) })
		targets := []string{
			"/fr/x%0Atime=2026-01-01T00:00:00Z%20level=ERROR%20msg=forged", "/fr/x%0D%0Aforged", "/fr/x%22%7D%0A%7B%22level%22:%22ERROR%22",
			"/fr/x%E2%80%A8forged", "/fr/x%1B[2J", "/fr/x%C2%85forged",
		}
		for _, target := range targets {
			testkit.Ask(t, s, target, with("User-Agent", "a\nforged"))
		}
		lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
		if len(lines) != len(targets) {
			t.Errorf("%s: %d lines of %d requests: %q", name, len(lines), len(targets), log.String())
		}
		if strings.ContainsAny(log.String(), "\r\x1b\u2028\u0085") {
			t.Errorf("%s: a control stands in the log as it came: %q", name, log.String())
		}
	}
}

// TestAWrongFormatIsNoFault: what somebody asks for that there is not is no error
// of ours, for which somebody would be woken.
func TestAWrongFormatIsNoFault(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := newStage(t, func(c *web.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	a := testkit.Ask(t, s, "/oembed?format=yaml&url=https%3A%2F%2Fsijil.test%2Ffr%2Fincidents%2Fcnss-2025")
	if a.Status != http.StatusNotImplemented || log.Len() > 0 {
		t.Errorf("status %d, logged %q", a.Status, log.String())
	}
}
