package config

import (
	"errors"
	"fmt"
	"strings"
)

// Side is what a server shows.
type Side string

// The sides: one process may serve both, or each a process, on hosts of their own.
const (
	BothSides  Side = "both"
	PublicSide Side = "public"
	DeskSide   Side = "desk"
)

// deskOnly are the variables that a server of the public side must not hold: whoever
// breaks into it is to find nothing there that leads to drafts.
var deskOnly = []string{ //nolint:gochecknoglobals // a list that nothing changes
	"DATABASE_URL", "SIJIL_TAKEDOWN_DATABASE_URL", "SIJIL_SECRET_KEY", "SIJIL_SECRET_KEY_BEFORE", "SIJIL_SMTP_URL", "SIJIL_LOG_KEY_FILE",
}

// LoadSide reads and checks the settings for "serve" of one side, or of both. It
// returns all faults at once, one to a line.
func LoadSide(getenv func(string) string, side Side) (Config, error) {
	switch side {
	case BothSides:
		return Load(getenv)
	case PublicSide:
		var held []error
		for _, name := range deskOnly {
			if getenv(name) != "" || getenv(name+"_FILE") != "" {
				held = append(held, fmt.Errorf("%s is set: a server of the public side must not hold what the desk's does; take it away", name))
			}
		}
		if len(held) > 0 {
			return Config{}, errors.Join(held...)
		}
	case DeskSide:
	default:
		return Config{}, fmt.Errorf("there is no side %q: it is public, desk or both", side)
	}
	var c Config
	if err := parse(&c, getenv); err != nil {
		return Config{}, err
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	own := c.checkPublicSide
	if side == DeskSide {
		own = c.checkDeskSide
	}
	return c, errors.Join(own(), c.checkShared())
}

// checkPublicSide checks what only the public side needs.
func (c Config) checkPublicSide() error {
	return errors.Join(
		checkDatabaseURL("SIJIL_PUBLIC_DATABASE_URL", c.PublicDatabaseURL, "the public side's role"),
		c.checkReplicas())
}

// checkDeskSide checks what only the desk needs.
func (c Config) checkDeskSide() error {
	return errors.Join(
		checkDatabaseURL("DATABASE_URL", c.DatabaseURL, "the desk's role"),
		c.checkTakedown(), c.checkSecretKey(), c.checkCapture(), c.checkDumpDays(), c.checkMail())
}

// checkShared checks what both sides need.
func (c Config) checkShared() error {
	return errors.Join(
		c.checkProxies(), c.checkRolesDiffer(), c.checkAddr(), c.checkMetricsAddr(), c.checkTraces(), c.checkBaseURL(), c.checkBlobs(), c.checkLogFormat(),
		c.checkDrain(), c.checkAPIRate(), c.checkConcurrency(), c.checkHub(), c.checkOperator())
}

// validate checks what the types cannot say.
func (c Config) validate() error {
	return errors.Join(c.checkDeskSide(), c.checkPublicSide(), c.checkShared())
}
