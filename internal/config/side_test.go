package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/config"
)

func TestEachSideNeedsItsOwn(t *testing.T) {
	t.Parallel()
	both := map[string]string{
		"DATABASE_URL": "postgres://web_desk:x@one/sijil?sslmode=verify-full", "SIJIL_SECRET_KEY": strings.Repeat("k", 32), "SIJIL_SMTP_URL": "none",
		"SIJIL_PUBLIC_DATABASE_URL": "postgres://web_public:x@one/sijil?sslmode=verify-full", "SIJIL_BASE_URL": "https://sijil.example",
	}
	desk, public := []string{"DATABASE_URL", "SIJIL_SECRET_KEY", "SIJIL_SMTP_URL"}, []string{"SIJIL_PUBLIC_DATABASE_URL"}
	without := func(side config.Side, names ...string) error {
		_, err := config.LoadSide(func(name string) string {
			if slices.Contains(names, name) {
				return ""
			}
			return both[name]
		}, side)
		return err
	}
	if err := without(config.PublicSide, desk...); err != nil {
		t.Errorf("the public side without the desk's: %v", err)
	}
	if err := without(config.DeskSide, public...); err != nil {
		t.Errorf("the desk without the public side's: %v", err)
	}
	if err := without(config.BothSides); err != nil {
		t.Error(err)
	}
	for _, name := range desk {
		if err := without(config.DeskSide, name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("the desk without %s: %v", name, err)
		}
		if err := without(config.PublicSide); err == nil || !strings.Contains(err.Error(), name+" is set") {
			t.Errorf("the public side with %s: %v", name, err)
		}
	}
	if err := without(config.PublicSide, append(desk, public...)...); err == nil {
		t.Error("the public side starts without a database")
	}
	if err := without("left"); err == nil {
		t.Error("there is a third side")
	}
}

// TestThePublicSideHoldsNothingOfTheDesk: what leads to drafts, to the keys or to the
// mails is refused, one by one, and as a file that holds it as well.
func TestThePublicSideHoldsNothingOfTheDesk(t *testing.T) {
	t.Parallel()
	own := map[string]string{
		"SIJIL_PUBLIC_DATABASE_URL": "postgres://web_public:x@one/sijil?sslmode=verify-full", "SIJIL_BASE_URL": "https://sijil.example",
	}
	load := func(besides string) error {
		_, err := config.LoadSide(func(name string) string {
			if name == besides {
				return "something"
			}
			return own[name]
		}, config.PublicSide)
		return err
	}
	if err := load(""); err != nil {
		t.Fatalf("control: %v", err)
	}
	for _, name := range []string{
		"DATABASE_URL", "SIJIL_TAKEDOWN_DATABASE_URL", "SIJIL_SECRET_KEY", "SIJIL_SECRET_KEY_BEFORE", "SIJIL_SMTP_URL", "SIJIL_LOG_KEY_FILE",
	} {
		for _, given := range []string{name, name + "_FILE"} {
			if err := load(given); err == nil || !strings.Contains(err.Error(), name+" is set") {
				t.Errorf("with %s: %v", given, err)
			}
		}
	}
}
