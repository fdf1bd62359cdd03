package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// user looks after accounts at the command line: for the first one, and for
// when nobody can sign in.
func (p program) user(ctx context.Context, args []string) error {
	flags := p.newFlags("user", "add EMAIL | list | reset EMAIL | reseal",
		"add     make an account and print the link of its invitation\n"+
			"list    print all accounts\n"+
			"reset   print a link to set another password, or to answer an invitation\n"+
			"reseal  encrypt secrets of one-time codes under SIJIL_SECRET_KEY that are under SIJIL_SECRET_KEY_BEFORE\n\n"+
			"The settings are those of \"sijil serve\".")
	name := flags.String("name", "", "with \"add\": the person's `name` (default: the address)")
	role := flags.String("role", string(register.RoleAnalyst), "with \"add\": analyst, editor or admin")
	lang := flags.String("lang", string(register.French), "with \"add\": fr, ar or en")
	factors := flags.Bool("second-factor", false, "with \"reset\": also take the second factors away; make sure of who asks")
	words, err := parseAround(flags, args)
	if err != nil {
		return err
	}
	verb, email := words[0], words[1]
	if wantsEmail := verb == "add" || verb == "reset"; wantsEmail != (email != "") {
		return &usageError{"user: it is add EMAIL, list, reset EMAIL, or reseal"}
	}
	signing, baseURL, closeDB, err := p.signing(ctx)
	if err != nil {
		return err
	}
	defer closeDB()
	switch verb {
	case "add":
		if *name == "" {
			*name = email
		}
		return p.addUser(ctx, signing, baseURL, auth.Invitation{
			Email: email, Name: *name, Role: register.AccountRole(*role), Lang: register.Lang(*lang),
		})
	case "list":
		return p.listUsers(ctx, signing)
	case "reset":
		return p.resetUser(ctx, signing, baseURL, email, *factors)
	case "reseal":
		return p.reseal(ctx, signing)
	}
	return &usageError{fmt.Sprintf("user: there is no %q", verb)}
}

// signing opens the desk's database. Nothing is sent from here: links are
// printed.
func (p program) signing(ctx context.Context) (signing *auth.Auth, baseURL string, closeDB func(), err error) {
	settings, err := config.Load(p.getenv)
	if err != nil {
		return nil, "", nil, err
	}
	db, err := openSide(ctx, "DATABASE_URL", settings.DatabaseURL, store.DeskSide, store.CheckDesk)
	if err != nil {
		return nil, "", nil, err
	}
	signing, err = auth.New(auth.Config{DB: db, Now: time.Now, Secret: settings.SecretKey, SecretBefore: settings.SecretKeyBefore, Origin: settings.BaseURL})
	if err != nil {
		db.Close()
		return nil, "", nil, err
	}
	return signing, settings.BaseURL, db.Close, nil
}

func (p program) addUser(ctx context.Context, signing *auth.Auth, baseURL string, i auth.Invitation) error {
	link, err := signing.Invite(ctx, auth.Operator(), i)
	if err != nil {
		return inWords(err)
	}
	return p.printLink(baseURL, link)
}

func (p program) printLink(baseURL string, link auth.Link) error {
	say(p.stdout, "%s%s\n(good once, until %s)", baseURL, link.Path, link.Until.UTC().Format("2006-01-02 15:04 UTC"))
	return nil
}

func (p program) listUsers(ctx context.Context, signing *auth.Auth) error {
	all, err := signing.Accounts(ctx, auth.Operator())
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	_, _ = io.WriteString(table, "E-MAIL\tNAME\tROLE\tSTATE\tSECOND FACTOR\n") // into memory
	for i := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%t\n", all[i].Email, all[i].Name, all[i].Role, stateOf(&all[i]), all[i].HasSecondFactor())
	}
	return table.Flush()
}

func stateOf(s *desk.Staff) string {
	switch {
	case s.DeactivatedAt != nil:
		return "deactivated"
	case !s.HasPassword:
		return "invited"
	}
	return "active"
}

func (p program) resetUser(ctx context.Context, signing *auth.Auth, baseURL, email string, factors bool) error {
	staff, err := signing.AccountByEmail(ctx, auth.Operator(), email)
	if err != nil {
		return inWords(err)
	}
	if factors {
		if err := signing.ClearFactors(ctx, auth.Operator(), staff.ID); err != nil {
			return err
		}
	}
	link, err := signing.SendLink(ctx, auth.Operator(), staff.ID)
	if err != nil {
		return inWords(err)
	}
	return p.printLink(baseURL, link)
}

func (p program) reseal(ctx context.Context, signing *auth.Auth) error {
	done, lost, err := signing.Reseal(ctx)
	if err != nil {
		return err
	}
	say(p.stdout, "%d secrets are under SIJIL_SECRET_KEY now, that were not: SIJIL_SECRET_KEY_BEFORE can be taken away", done)
	if lost > 0 {
		return fmt.Errorf("user: %d secrets are under a key that is neither: their owners set up their codes anew, after \"sijil user reset --second-factor\"", lost)
	}
	return nil
}

// inWords says what is wrong as people at a command line read it.
func inWords(err error) error {
	sentences := map[string]string{
		"problem.email-taken": "an account has this address already", "problem.email-invalid": "this is no address of e-mail",
		"problem.role-unknown": "--role is analyst, editor or admin", "problem.language-unknown": "--lang is fr, ar or en",
		"problem.name-missing": "the name cannot be used",
	}
	problems, bad := errors.AsType[register.Problems](err)
	switch {
	case bad:
		lines := make([]string, len(problems))
		for i, problem := range problems {
			lines[i] = sentences[problem.Key]
		}
		return errors.New("user: " + strings.Join(lines, "; "))
	case errors.Is(err, register.ErrNotFound):
		return errors.New("user: no account has this address")
	case errors.Is(err, register.ErrConflict):
		return errors.New("user: the account is deactivated; reactivate it first, at /fr/desk/accounts")
	}
	return err
}
