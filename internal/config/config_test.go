package config_test

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/config"
)

// getenv looks up a good environment with some variables changed.
func getenv(changes map[string]string) func(string) string {
	set := map[string]string{
		"DATABASE_URL":              "postgres://web_desk:hidden-word@db/sijil?sslmode=verify-full",
		"SIJIL_PUBLIC_DATABASE_URL": "postgres://web_public:hidden-word@db/sijil?sslmode=verify-full",
		"SIJIL_BASE_URL":            "https://sijil.example",
		"SIJIL_SECRET_KEY":          strings.Repeat("hidden-word", 3),
		"SIJIL_SMTP_URL":            "smtp://desk:hidden-word@mail.sijil.example:587",
		"SIJIL_MAIL_FROM":           "Sijil <desk@sijil.example>",
	}
	maps.Copy(set, changes)
	return func(name string) string { return set[name] }
}

func TestLoad(t *testing.T) {
	c, err := config.Load(getenv(map[string]string{"SIJIL_BASE_URL": "https://sijil.example/", "SIJIL_LOG_LEVEL": "debug"}))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		DatabaseURL:       "postgres://web_desk:hidden-word@db/sijil?sslmode=verify-full",
		PublicDatabaseURL: "postgres://web_public:hidden-word@db/sijil?sslmode=verify-full",
		BaseURL:           "https://sijil.example", Addr: ":8080", Blobs: "file:/var/lib/sijil/blobs",
		SecretKey: strings.Repeat("hidden-word", 3),
		SMTPURL:   "smtp://desk:hidden-word@mail.sijil.example:587",
		MailFrom:  "Sijil <desk@sijil.example>", MailTimeout: 20 * time.Second,
		LogLevel: slog.LevelDebug, LogFormat: "json", DrainTimeout: 70 * time.Second, DrainNotice: 2 * time.Second, Capture: "on", APIRate: 600, DumpDays: 7, TracesShare: 0.1,
		Concurrency: config.Classes{"page": 32, "search": 4, "export": 4, "sign-in": 4, "fetch": 8, "desk": 32},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes map[string]string
		want    []string // in the message; none: accepted
	}{
		{
			"nothing set",
			map[string]string{"DATABASE_URL": "", "SIJIL_PUBLIC_DATABASE_URL": "", "SIJIL_BASE_URL": ""},
			[]string{"DATABASE_URL is not set", "DATABASE_URL_FILE", "SIJIL_PUBLIC_DATABASE_URL is not set", "SIJIL_BASE_URL is not set"},
		},
		{"other database", map[string]string{"DATABASE_URL": "mysql://a:hidden-word@b/c"}, []string{"DATABASE_URL", "postgres://"}},
		{"malformed", map[string]string{"DATABASE_URL": "postgres://a:hidden-word@b:x:y/c\x00"}, []string{"DATABASE_URL", "postgres://"}},
		{"no role", map[string]string{"DATABASE_URL": "postgres://db/sijil"}, []string{"DATABASE_URL names no role"}},
		{"role in the query", map[string]string{"DATABASE_URL": "postgres:///sijil?host=/run&user=web_desk"}, nil},
		{"no host", map[string]string{"DATABASE_URL": "postgres:///sijil?user=web_desk"}, []string{"DATABASE_URL names no host", "host=/run/postgresql"}},
		{"a port of no host", map[string]string{"DATABASE_URL": "postgres://web_desk@:5432/sijil"}, []string{"DATABASE_URL names no host"}},
		{"a host and none", map[string]string{"DATABASE_URL": "postgres://web_desk@localhost,/sijil"}, []string{"DATABASE_URL names no host"}},
		{"equal", map[string]string{"SIJIL_PUBLIC_DATABASE_URL": "postgres://web_desk:hidden-word@db/sijil?sslmode=verify-full"}, []string{"SIJIL_PUBLIC_DATABASE_URL", "same role"}},
		{"same role on another host", map[string]string{"SIJIL_PUBLIC_DATABASE_URL": "postgresql://replica/sijil?user=web_desk"}, []string{"SIJIL_PUBLIC_DATABASE_URL", "same role"}},
		{"takedown", map[string]string{"SIJIL_TAKEDOWN_DATABASE_URL": "postgres://web_takedown:hidden-word@db/sijil?sslmode=verify-full"}, nil},
		{"takedown by the desk", map[string]string{"SIJIL_TAKEDOWN_DATABASE_URL": "postgres://web_desk:hidden-word@db/sijil?sslmode=verify-full"}, []string{"SIJIL_TAKEDOWN_DATABASE_URL", "same role"}},
		{"takedown by the public side", map[string]string{"SIJIL_TAKEDOWN_DATABASE_URL": "postgres://web_public:hidden-word@db/sijil?sslmode=verify-full"}, []string{"SIJIL_TAKEDOWN_DATABASE_URL", "same role"}},
		{"takedown elsewhere", map[string]string{"SIJIL_TAKEDOWN_DATABASE_URL": "mysql://a:hidden-word@b/c"}, []string{"SIJIL_TAKEDOWN_DATABASE_URL", "postgres://"}},
		{"plain http", map[string]string{"SIJIL_BASE_URL": "http://sijil.example"}, []string{"SIJIL_BASE_URL", "https://"}},
		{"http on this machine", map[string]string{"SIJIL_BASE_URL": "http://localhost:8080"}, nil},
		{"http on this machine's address", map[string]string{"SIJIL_BASE_URL": "http://[::1]:8080"}, nil},
		{"a path", map[string]string{"SIJIL_BASE_URL": "https://sijil.example/fr"}, []string{"SIJIL_BASE_URL", "origin"}},
		{"a password", map[string]string{"SIJIL_BASE_URL": "https://a:b@sijil.example"}, []string{"SIJIL_BASE_URL", "origin"}},
		{"no scheme", map[string]string{"SIJIL_BASE_URL": "sijil.example"}, []string{"SIJIL_BASE_URL"}},
		{"no port", map[string]string{"SIJIL_ADDR": "localhost"}, []string{"SIJIL_ADDR", "host:port"}},
		{"blobs elsewhere", map[string]string{"SIJIL_BLOBS": "ftp://x"}, []string{"SIJIL_BLOBS", "file:/folder"}},
		{"blobs in a relative folder", map[string]string{"SIJIL_BLOBS": "file:blobs"}, []string{"SIJIL_BLOBS", "file:/folder"}},
		{"bucket without a key", map[string]string{"SIJIL_BLOBS": "s3://b?endpoint=https://s3.example", "SIJIL_BLOBS_ACCESS_KEY": "hidden-word"}, []string{"SIJIL_BLOBS_SECRET_KEY"}},
		{
			"bucket with its keys",
			map[string]string{"SIJIL_BLOBS": "s3://b?endpoint=https://s3.example", "SIJIL_BLOBS_ACCESS_KEY": "key", "SIJIL_BLOBS_SECRET_KEY": "hidden-word"},
			nil,
		},
		{"figures", map[string]string{"SIJIL_METRICS_ADDR": "127.0.0.1:9464"}, nil},
		{"figures without a port", map[string]string{"SIJIL_METRICS_ADDR": "localhost"}, []string{"SIJIL_METRICS_ADDR", "host:port"}},
		{"figures for readers", map[string]string{"SIJIL_METRICS_ADDR": "127.0.0.1:8080"}, []string{"SIJIL_METRICS_ADDR", "another port"}},
		{"traces", map[string]string{"SIJIL_TRACES_URL": "http://collector:4318", "SIJIL_TRACES_SHARE": "1"}, nil},
		{"traces with a password", map[string]string{"SIJIL_TRACES_URL": "https://a:hidden-word@collector.example/otlp/v1/traces"}, nil},
		{"traces with a password on this machine", map[string]string{"SIJIL_TRACES_URL": "http://a:hidden-word@localhost:4318"}, nil},
		{"a password in the open", map[string]string{"SIJIL_TRACES_URL": "http://a:hidden-word@collector:4318"}, []string{"SIJIL_TRACES_URL", "https://"}},
		{"traces to nobody", map[string]string{"SIJIL_TRACES_URL": "collector:4318"}, []string{"SIJIL_TRACES_URL", "http://collector.example:4318"}},
		{"traces to no address", map[string]string{"SIJIL_TRACES_URL": "http://a:hidden-word@b:x:y/\x00"}, []string{"SIJIL_TRACES_URL", "http://collector.example:4318"}},
		{"traces with a query", map[string]string{"SIJIL_TRACES_URL": "https://collector.example/?key=hidden-word"}, []string{"SIJIL_TRACES_URL", "more than a path"}},
		{"traces of nothing", map[string]string{"SIJIL_TRACES_SHARE": "0"}, []string{"SIJIL_TRACES_SHARE", "more than 0"}},
		{"traces of more than all", map[string]string{"SIJIL_TRACES_SHARE": "10"}, []string{"SIJIL_TRACES_SHARE", "1 at most"}},
		{"traces of no number", map[string]string{"SIJIL_TRACES_SHARE": "NaN"}, []string{"SIJIL_TRACES_SHARE", "1 at most"}},
		{"log level", map[string]string{"SIJIL_LOG_LEVEL": "loud"}, []string{"SIJIL_LOG_LEVEL", "DEBUG, INFO"}},
		{"captures", map[string]string{"SIJIL_CAPTURE": "yes"}, []string{"SIJIL_CAPTURE", "on or off"}},
		{"log format", map[string]string{"SIJIL_LOG_FORMAT": "xml"}, []string{"SIJIL_LOG_FORMAT", "json or text"}},
		{"dumps for ever", map[string]string{"SIJIL_DUMP_DAYS": "-1"}, []string{"SIJIL_DUMP_DAYS", "between 0 and 3650"}},
		{"no requests", map[string]string{"SIJIL_API_RATE": "0"}, []string{"SIJIL_API_RATE", "1 or more"}},
		{"some classes", map[string]string{"SIJIL_CONCURRENCY": "search=8,sign-in=2"}, nil},
		{"a class of no room", map[string]string{"SIJIL_CONCURRENCY": "search=0"}, []string{"SIJIL_CONCURRENCY", "search=0"}},
		{"an unknown class", map[string]string{"SIJIL_CONCURRENCY": "serach=8"}, []string{"SIJIL_CONCURRENCY", `"serach"`, "sign-in"}},
		{"a class without a number", map[string]string{"SIJIL_CONCURRENCY": "search"}, []string{"SIJIL_CONCURRENCY"}},
		{"exports without a connection", map[string]string{"SIJIL_CONCURRENCY": "export=5"}, []string{"SIJIL_CONCURRENCY", "connection"}},
		{"duration", map[string]string{"SIJIL_DRAIN_TIMEOUT": "ten"}, []string{"SIJIL_DRAIN_TIMEOUT"}},
		{"negative duration", map[string]string{"SIJIL_DRAIN_TIMEOUT": "-1s"}, []string{"SIJIL_DRAIN_TIMEOUT"}},
		{"negative notice", map[string]string{"SIJIL_DRAIN_NOTICE": "-1s"}, []string{"SIJIL_DRAIN_NOTICE"}},
		{"no key", map[string]string{"SIJIL_SECRET_KEY": ""}, []string{"SIJIL_SECRET_KEY is not set", "SIJIL_SECRET_KEY_FILE", "32"}},
		{"a short key before", map[string]string{"SIJIL_SECRET_KEY_BEFORE": "hidden-word"}, []string{"SIJIL_SECRET_KEY_BEFORE has 11 characters"}},
		{
			"the key before is the present one",
			map[string]string{"SIJIL_SECRET_KEY_BEFORE": strings.Repeat("hidden-word", 3)},
			[]string{"SIJIL_SECRET_KEY_BEFORE is the same as SIJIL_SECRET_KEY"},
		},
		{"a short key", map[string]string{"SIJIL_SECRET_KEY": "hidden-word"}, []string{"SIJIL_SECRET_KEY has 11 characters", "32"}},
		{"mail unset", map[string]string{"SIJIL_SMTP_URL": ""}, []string{"SIJIL_SMTP_URL is not set", "SIJIL_SMTP_URL_FILE", `"none"`, "invitations"}},
		{"no mail, and said so", map[string]string{"SIJIL_SMTP_URL": "none", "SIJIL_MAIL_FROM": ""}, nil},
		{"mail by TLS", map[string]string{"SIJIL_SMTP_URL": "smtps://mail.example"}, nil},
		{"mail in the open on this machine", map[string]string{"SIJIL_SMTP_URL": "smtp+plain://localhost:25"}, nil},
		{"mail in the open", map[string]string{"SIJIL_SMTP_URL": "smtp+plain://a:hidden-word@mail.example"}, []string{"SIJIL_SMTP_URL", "TLS"}},
		{"mail by another scheme", map[string]string{"SIJIL_SMTP_URL": "https://a:hidden-word@mail.example"}, []string{"SIJIL_SMTP_URL", "smtps://"}},
		{"mail without a server", map[string]string{"SIJIL_SMTP_URL": "mail.example:25"}, []string{"SIJIL_SMTP_URL", "smtps://"}},
		{"mail from nobody", map[string]string{"SIJIL_MAIL_FROM": "desk"}, []string{"SIJIL_MAIL_FROM", "desk@sijil.example"}},
		{"mail in no time", map[string]string{"SIJIL_MAIL_TIMEOUT": "0s"}, []string{"SIJIL_MAIL_TIMEOUT"}},
		{"a contact", map[string]string{"SIJIL_OPERATOR_CONTACT": "contact@sijil.example", "SIJIL_SECURITY_CONTACT": "https://sijil.example/report"}, nil},
		{"a contact with a name", map[string]string{"SIJIL_OPERATOR_CONTACT": "Sijil <contact@sijil.example>"}, []string{"SIJIL_OPERATOR_CONTACT", "contact@sijil.example"}},
		{"a contact on the web", map[string]string{"SIJIL_OPERATOR_CONTACT": "https://sijil.example"}, []string{"SIJIL_OPERATOR_CONTACT"}},
		{"a contact that adds headers", map[string]string{"SIJIL_SECURITY_CONTACT": "a@b.example?cc=c@d.example"}, []string{"SIJIL_SECURITY_CONTACT", "https://"}},
		{"a contact by http", map[string]string{"SIJIL_SECURITY_CONTACT": "http://sijil.example/report"}, []string{"SIJIL_SECURITY_CONTACT", "https://"}},
		{"logs for less than no time", map[string]string{"SIJIL_LOG_DAYS": "-1"}, []string{"SIJIL_LOG_DAYS"}},
		{"secret twice", map[string]string{"DATABASE_URL_FILE": "/some/file"}, []string{"DATABASE_URL and DATABASE_URL_FILE"}},
		{"secret's file missing", map[string]string{"DATABASE_URL": "", "DATABASE_URL_FILE": "/no/such/file"}, []string{"DATABASE_URL_FILE", "/no/such/file"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Load(getenv(test.changes))
			if (err != nil) != (len(test.want) > 0) {
				t.Fatalf("got %v", err)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hidden-word") {
				t.Errorf("%q shows the password", err)
			}
		})
	}
}

func TestSecretsFromFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	const address = "postgres://owner:word@db/sijil?sslmode=verify-full"
	if err := os.WriteFile(path, []byte(address+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := getenv(map[string]string{"DATABASE_URL": "", "DATABASE_URL_FILE": path})
	c, err := config.Load(env)
	if err != nil || c.DatabaseURL != address {
		t.Errorf("Load: %q, %v", c.DatabaseURL, err)
	}
	if got, err := config.DatabaseURL(env); err != nil || got != address {
		t.Errorf("DatabaseURL: %q, %v", got, err)
	}
}

func TestLoadDemo(t *testing.T) {
	d, err := config.LoadDemo(getenv(map[string]string{"SIJIL_PG_BIN": "/opt/pg/bin"}))
	if err != nil || d.PGBinDir != "/opt/pg/bin" {
		t.Errorf("%+v, %v", d, err)
	}
}

// TestDemoReadsItsOwnVariablesOnly: a broken setting of the real site is none of
// its business.
func TestDemoReadsItsOwnVariablesOnly(t *testing.T) {
	own := map[string]bool{"SIJIL_PG_BIN": true, "SIJIL_DEMO_PASSWORD": true}
	_, err := config.LoadDemo(func(name string) string {
		if !own[name] {
			t.Errorf("%s was read", name)
		}
		return map[string]string{"DATABASE_URL_FILE": "/no/such/file"}[name]
	})
	if err != nil {
		t.Error(err)
	}
}

// TestEveryVariableIsDocumented: in the code, and in the README, where an
// operator looks.
func TestEveryVariableIsDocumented(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range config.Variables() {
		if v.Name == "" || v.Doc == "" {
			t.Errorf("%+v has no name or no documentation", v)
		}
		names := []string{v.Name}
		if v.Secret {
			names = append(names, v.Name+"_FILE")
		}
		for _, name := range names {
			if !strings.Contains(string(readme), "`"+name+"`") {
				t.Errorf("README.md does not mention `%s`", name)
			}
		}
	}
}
