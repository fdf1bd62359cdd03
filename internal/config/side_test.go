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
