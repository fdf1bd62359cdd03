package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	webpublic "github.com/sijil/sijil/internal/web/public"
)

// export writes what is published in a format, as the site does.
func (p program) export(ctx context.Context, args []string) error {
	flags := p.newFlags("export", "FORMAT [flags]",
		"Writes what is published, in one of these formats: "+strings.Join(exchange.ExportFormatNames(), ", ")+".\n"+
			"Without a filter it is the whole register; with filters, which are those of the list of incidents, what they choose.\n\n"+
			"Needs SIJIL_PUBLIC_DATABASE_URL and SIJIL_BASE_URL, as \"sijil serve\" has them: it reads what readers may read.")
	incident := flags.String("incident", "", "one incident, by its `reference` or slug")
	lang := flags.String("lang", string(register.French), "`language` of words in formats that have one")
	file := flags.String("o", "", "`file` to write; without it, standard output")
	query := url.Values{}
	for _, name := range webpublic.ExportParams() {
		flags.Func(name, "filter of the list of incidents", func(value string) error {
			query.Add(name, value)
			return nil
		})
	}
	withOrigin := flags.Bool("with-origin", false, "with \"veris\": what was imported, word for word, one object a line, drafts too; for staff (DATABASE_URL)")
	as := flags.String("as", "", "with --with-origin: `e-mail` of the account that answers for it")
	words, err := parseAround(flags, args)
	if err != nil {
		return err
	}
	if *withOrigin {
		return p.exportOrigins(ctx, words, *as, *file)
	}
	format, known := exchange.ExportFormatNamed(words[0])
	switch {
	case !known:
		return &usageError{fmt.Sprintf("export: there is no format %q; there are %s", words[0], strings.Join(exchange.ExportFormatNames(), ", "))}
	case words[1] != "":
		return &usageError{fmt.Sprintf("export: %q is too much", words[1])}
	case *incident != "" && len(query) > 0:
		return &usageError{"export: --incident is one incident, and filters choose among all"}
	case !slices.Contains(i18n.Langs(), *lang):
		return &usageError{"export: --lang is fr, ar or en"}
	}
	settings, err := config.LoadReading(p.getenv)
	if err != nil {
		return err
	}
	db, err := openSide(ctx, "SIJIL_PUBLIC_DATABASE_URL", settings.PublicDatabaseURL, store.ExportSide, store.CheckPublic)
	if err != nil {
		return err
	}
	defer db.Close()
	about, err := aboutExport(ctx, record.NewStore(db), settings.BaseURL, *lang, *incident, query)
	if err != nil {
		return err
	}
	return p.writeTo(*file, func(w io.Writer) error {
		err := exchange.WriteExport(ctx, w, format, record.NewStore(db), about)
		if _, cannot := errors.AsType[*exchange.InexpressibleError](err); !cannot && errors.Is(err, register.ErrNotFound) {
			return fmt.Errorf("export: there is no incident %q", *incident)
		}
		return err
	})
}

// aboutExport says what is exported, and in which words.
func aboutExport(ctx context.Context, records *record.Store, base, lang, incident string, query url.Values) (exchange.ExportAbout, error) {
	catalog, err := i18n.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		return exchange.ExportAbout{}, err
	}
	_, terms, err := records.Terms(ctx)
	if err != nil {
		return exchange.ExportAbout{}, err
	}
	filter, err := webpublic.ExportFilter(query, terms)
	if err != nil {
		return exchange.ExportAbout{}, &usageError{"export: a filter has a value that the list of incidents does not know"}
	}
	return exchange.ExportAbout{
		Scope: register.ExportScope{Incident: incident, Filter: filter, Whole: incident == "" && filter.IsZero()},
		Base:  base, At: time.Now(), Words: webpublic.NewWords(catalog, terms).Localizer(lang), Spool: openSpool,
	}, nil
}

// writeTo writes a file that has its name once it is whole, or to standard output.
func (p program) writeTo(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(p.stdout)
	}
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it has another name when all went well
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// openSpool makes a file without a name, which is gone when it is closed, or when
// the program ends.
func openSpool() (exchange.Spool, error) {
	file, err := os.CreateTemp("", "sijil-export-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
