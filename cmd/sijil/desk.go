package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/web/desk"
)

// deskSettings are what the working side needs besides its database.
type deskSettings struct {
	BaseURL string
	Secret  string
	Before  string // what Secret was, where it was changed
	Mail    bool   // letters are sent, or kept to be read
	Demo    bool
	// Takedown is a pool of the role that erases by law; nil: none is confirmed.
	Takedown *store.DB
	Blobs    blob.Store // of attached documents
	Capture  bool       // the addresses of sources are captured
	Hub      bool       // a hub is told what is published
	Metrics  *observe.Metrics
	Machine  *desk.Machine // this program
}

// newDesk makes the working side over the desk's database. Everybody needs a
// second factor there, but not in a demonstration.
func newDesk(db *store.DB, s deskSettings) (*desk.Config, error) {
	cfg := auth.Config{DB: db, Now: time.Now, Secret: s.Secret, SecretBefore: s.Before, Origin: s.BaseURL, SecondFactor: !s.Demo, Failed: s.Metrics.SignInFailed}
	if s.Mail {
		cfg.Post = jobs.Post{}
	}
	signing, err := auth.New(cfg)
	if err != nil {
		return nil, err
	}
	intake, err := capture.New()
	if err != nil {
		return nil, err
	}
	uses := editorial.New(db, time.Now).WithFiles(s.Blobs)
	if s.Capture {
		uses = uses.WithCaptures()
	}
	if s.Hub {
		uses = uses.WithHub()
	}
	if s.Takedown != nil {
		uses = uses.WithTakedown(s.Takedown, s.Blobs)
	}
	return &desk.Config{
		Editorial: uses, Intake: intake, Sessions: desk.NewSessions(signing), Auth: signing, Now: time.Now, Demo: s.Demo,
		Refused: s.Metrics.UploadRefused, Machine: s.Machine,
	}, nil
}

// announceSetup writes the code of the first admin to the log, as long as there
// is none: who reads the log may make him.
func announceSetup(ctx context.Context, signing *auth.Auth, baseURL string, logger *slog.Logger) error {
	wanted, err := signing.SetupWanted(ctx)
	if err != nil || !wanted {
		return err
	}
	code, err := signing.NewSetupCode(ctx)
	if err != nil {
		return err
	}
	logger.Warn("there is no admin yet: make the first one with this code, which is good until the next start",
		"open", baseURL+"/"+string(register.French)+"/desk/setup", "code", code)
	return nil
}

// demoStaff are who works in the demonstration.
func demoStaff() []auth.Invitation {
	var all []auth.Invitation
	for _, who := range []struct {
		name string
		role register.AccountRole
	}{
		{"analyst", register.RoleAnalyst}, {"editor", register.RoleEditor}, {"editor2", register.RoleEditor}, {"admin", register.RoleAdmin},
	} {
		email := who.name + "@example.org"
		all = append(all, auth.Invitation{Email: email, Name: email, Role: who.role, Lang: register.French})
	}
	return all
}

// hireDemoStaff gives the accounts of the demonstration their roles and one
// password: the one that is asked for, or a random one, anew at each start.
func hireDemoStaff(ctx context.Context, signing *auth.Auth, password string) (string, error) {
	if password == "" {
		password = randomPassword()
	}
	for _, who := range demoStaff() {
		if err := signing.EnsureStaff(ctx, who, password); err != nil {
			return "", fmt.Errorf("account %s: %w", who.Email, err)
		}
	}
	return password, nil
}

// randomPassword is one that can be typed: four groups of letters and digits.
func randomPassword() string {
	letters := strings.ToLower(rand.Text())
	return strings.Join([]string{letters[:4], letters[4:8], letters[8:12], letters[12:16]}, "-")
}

// demoSecret is the key of the demonstration, kept beside its data: one-time
// codes that were set up work after a restart.
func demoSecret(folder string) (string, error) {
	path := filepath.Join(folder, "secret-key")
	kept, err := os.ReadFile(path) //nolint:gosec // in the folder of the demonstration
	switch {
	case err == nil && len(kept) >= auth.MinSecret:
		return string(kept), nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("the demonstration's key: %w", err)
	}
	secret := rand.Text() + rand.Text()
	// Written whole or not at all: half a key would be another one.
	if err := os.WriteFile(path+".new", []byte(secret), 0o600); err != nil {
		return "", fmt.Errorf("the demonstration's key: %w", err)
	}
	return secret, os.Rename(path+".new", path)
}
