// Package config reads the settings of the program from the environment, once,
// and refuses what is missing or unsafe with a message that names the variable.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config holds what "serve" needs. Each field's tags name its variable and
// document it; a variable tagged as secret can also be given as a file whose
// path is in the variable NAME_FILE.
type Config struct {
	DatabaseURL         string        `env:"DATABASE_URL" secret:"true" doc:"Address of the database for the desk's role, as postgres://role:password@host/database. \"sijil migrate\" needs the owner's instead."`
	PublicDatabaseURL   string        `env:"SIJIL_PUBLIC_DATABASE_URL" secret:"true" doc:"Address of the same database for the public side's role, which must not be able to read the schema desk."`
	ReplicaURLs         string        `env:"SIJIL_REPLICA_URLS" secret:"true" doc:"Addresses of standbys of the database for the public side's role, separated by commas, or one to a line in a file. What is published is read from them as long as they can be reached and have all that was published, else from the primary."`
	TrustedProxies      string        `env:"SIJIL_TRUSTED_PROXIES" doc:"Networks of the proxies whose X-Forwarded-For is believed, as 10.0.0.0/8 or single addresses, separated by commas. Without it none is, and the address of the connection is the reader's."`
	TakedownDatabaseURL string        `env:"SIJIL_TAKEDOWN_DATABASE_URL" secret:"true" doc:"Address of the same database for the role that erases by law, a member of sijil_takedown only. Without it takedowns can be requested but not confirmed."`
	BaseURL             string        `env:"SIJIL_BASE_URL" doc:"Public origin of the site, such as https://sijil.example, for canonical links, feeds and share cards."`
	SecretKey           string        `env:"SIJIL_SECRET_KEY" secret:"true" doc:"At least 32 random characters, under which secrets of second factors are encrypted. Whoever changes it gives the one that it was in SIJIL_SECRET_KEY_BEFORE, until \"sijil user reseal\" has run."`
	SecretKeyBefore     string        `env:"SIJIL_SECRET_KEY_BEFORE" secret:"true" doc:"What SIJIL_SECRET_KEY was before it was changed: what is encrypted under it can still be read."`
	Blobs               string        `env:"SIJIL_BLOBS" envDefault:"file:/var/lib/sijil/blobs" doc:"Where attached documents are kept: file:/folder, or s3://bucket/prefix?endpoint=https://…&region=…"`
	BlobsAccessKey      string        `env:"SIJIL_BLOBS_ACCESS_KEY" secret:"true" doc:"Access key of the bucket in SIJIL_BLOBS."`
	BlobsSecretKey      string        `env:"SIJIL_BLOBS_SECRET_KEY" secret:"true" doc:"Secret key of the bucket in SIJIL_BLOBS."`
	Capture             string        `env:"SIJIL_CAPTURE" envDefault:"on" doc:"Whether the addresses of sources are fetched in the background and copies of them kept: on or off. \"demo\" does so only with --capture."`
	LogKeyFile          string        `env:"SIJIL_LOG_KEY_FILE" doc:"File with the secret keys that sign the public log, which nobody but the program's account may read; made by \"sijil log init\". Without it the log grows unsigned, and readers cannot verify what is newer."`
	Witnesses           string        `env:"SIJIL_WITNESSES" secret:"true" doc:"Witnesses that are asked to cosign each checkpoint of the public log (c2sp.org/tlog-witness): address and verifier key of each with a space between, separated by commas, or one to a line in a file. Without it nobody is asked."`
	TimestampURL        string        `env:"SIJIL_TIMESTAMP_URL" doc:"Address of a time-stamping authority (RFC 3161) that is asked for a timestamp of each checkpoint of the public log. Without it nobody is asked."`
	TimestampCAFile     string        `env:"SIJIL_TIMESTAMP_CA_FILE" doc:"File with the certificates, in PEM, that vouch for the authority of SIJIL_TIMESTAMP_URL. Without it whoever answers there is believed to be it."`
	WebSubHub           string        `env:"SIJIL_WEBSUB_HUB" doc:"Address of a WebSub hub that feeds name and that is told of each publication, so that it tells those who follow them at once. Without it they come and look."`
	Addr                string        `env:"SIJIL_ADDR" envDefault:":8080" doc:"Host and port to listen on."`
	MetricsAddr         string        `env:"SIJIL_METRICS_ADDR" doc:"Host and port, such as 127.0.0.1:9464, on which figures for Prometheus are answered at /metrics, to whoever can reach it; never the address of the site. Without it there are none."`
	TracesURL           string        `env:"SIJIL_TRACES_URL" secret:"true" doc:"Address of a collector that takes traces by OTLP over HTTP, such as http://collector.example:4318, with a name and a password in it if it asks for them (then as https://); /v1/traces is meant where it has no path. Without it there are none."`
	TracesShare         float64       `env:"SIJIL_TRACES_SHARE" envDefault:"0.1" doc:"How many of the requests and of the jobs are traced, more than 0 and up to 1."`
	SMTPURL             string        `env:"SIJIL_SMTP_URL" secret:"true" doc:"Mail server, as smtp://user:password@host:587 (STARTTLS), smtps://host:465 (TLS) or smtp+plain://localhost:25; or \"none\": no mail is sent, so that invitations and new passwords need \"sijil user\", and nobody is told what waits for him."`
	MailFrom            string        `env:"SIJIL_MAIL_FROM" doc:"Sender of all mails, such as Sijil <desk@sijil.example>; required unless SIJIL_SMTP_URL is none."`
	MailTimeout         time.Duration `env:"SIJIL_MAIL_TIMEOUT" envDefault:"20s" doc:"How long the mail server may take for one mail."`
	APIRate             int           `env:"SIJIL_API_RATE" envDefault:"600" doc:"How many requests to /api/v1 and by TAXII each network (/24, /56) may make in a minute, those answered from memory among them."`
	Concurrency         Classes       `env:"SIJIL_CONCURRENCY" envDefault:"page=32,search=4,export=4,sign-in=4,fetch=8,desk=32" envKeyValSeparator:"=" doc:"How much of each class of work is done at the same time; what comes beyond waits for two seconds at most and is then answered 503 with Retry-After. Classes that are not named keep their default."`
	DumpDays            int           `env:"SIJIL_DUMP_DAYS" envDefault:"7" doc:"For how many days the dumps of what is published are kept, which are made each night; the first of each month stays. 0: none are made."`
	CacheDir            string        `env:"SIJIL_CACHE_DIR" doc:"Folder of this server alone where public pages are saved, so that a start while the database is away has them. Without it such a start waits for the database, and fails."`
	LogLevel            slog.Level    `env:"SIJIL_LOG_LEVEL" envDefault:"INFO" doc:"Least level that is logged: DEBUG, INFO, WARN or ERROR."`
	LogFormat           string        `env:"SIJIL_LOG_FORMAT" envDefault:"json" doc:"Form of the log on standard error: json or text."`
	OperatorName        string        `env:"SIJIL_OPERATOR_NAME" doc:"Who operates this installation, a person or an organisation, as the imprint names it. Without it the imprint says that it was not given; so with the next ones."`
	OperatorAddress     string        `env:"SIJIL_OPERATOR_ADDRESS" doc:"Postal address of the operator, on one line."`
	OperatorContact     string        `env:"SIJIL_OPERATOR_CONTACT" doc:"Mail address for readers: corrections, replies, privacy, accessibility."`
	OperatorHosting     string        `env:"SIJIL_OPERATOR_HOSTING" doc:"Who hosts the machines, as the law of some countries wants it to be named."`
	SecurityContact     string        `env:"SIJIL_SECURITY_CONTACT" doc:"Where vulnerabilities are reported, for security.txt: a mail address or an https:// address; without it SIJIL_OPERATOR_CONTACT."`
	LogDays             int           `env:"SIJIL_LOG_DAYS" doc:"For how many days the operator keeps the log, as the privacy page says; the program itself deletes nothing."`
	DrainTimeout        time.Duration `env:"SIJIL_DRAIN_TIMEOUT" envDefault:"70s" doc:"How long requests in progress may take after SIGTERM; a stop waits for no longer than they do. The default is longer than a form with files may take over a slow line."`
	DrainNotice         time.Duration `env:"SIJIL_DRAIN_NOTICE" envDefault:"2s" doc:"For how long of that, half of it at most, new requests are still taken while /readyz says 503, so that a load balancer can see it."`
}

// Demo holds what "demo" reads; it never reads a database's address.
type Demo struct {
	Password string `env:"SIJIL_DEMO_PASSWORD" doc:"Password of the demonstration's accounts; without it a random one is made at each start."`
	PGBinDir string `env:"SIJIL_PG_BIN" doc:"Folder with PostgreSQL's programs: initdb and postgres for \"demo\", pg_dump and pg_restore for \"backup\" and \"restore\"; found by itself in the usual places."`
}

// Upkeep holds what "backup" and "restore" read: some of the settings of
// "serve", with the address of the database for the role that owns it.
type Upkeep struct {
	DatabaseURL         string `env:"DATABASE_URL" secret:"true"`
	TakedownDatabaseURL string `env:"SIJIL_TAKEDOWN_DATABASE_URL" secret:"true"`
	Blobs               string `env:"SIJIL_BLOBS" envDefault:"file:/var/lib/sijil/blobs"`
	BlobsAccessKey      string `env:"SIJIL_BLOBS_ACCESS_KEY" secret:"true"`
	BlobsSecretKey      string `env:"SIJIL_BLOBS_SECRET_KEY" secret:"true"`
	PGBinDir            string `env:"SIJIL_PG_BIN"`
}

// Reading holds what "export" reads: where what is published is, and what its
// addresses begin with.
type Reading struct {
	PublicDatabaseURL string `env:"SIJIL_PUBLIC_DATABASE_URL" secret:"true"`
	BaseURL           string `env:"SIJIL_BASE_URL"`
}

// Variable documents one variable of the environment.
type Variable struct {
	Name    string
	Default string
	Secret  bool // may be given as a file, in Name + "_FILE"
	Doc     string
}

// Variables lists everything that the program reads from the environment.
func Variables() []Variable {
	return append(variablesOf(reflect.TypeFor[Config]()), variablesOf(reflect.TypeFor[Demo]())...)
}

// variablesOf lists what one command reads.
func variablesOf(group reflect.Type) []Variable {
	var all []Variable
	for field := range group.Fields() {
		tag := field.Tag
		all = append(all, Variable{
			Name: tag.Get("env"), Default: tag.Get("envDefault"),
			Secret: tag.Get("secret") == "true", Doc: tag.Get("doc"),
		})
	}
	return all
}

// Load reads and checks the settings for "serve". It returns all faults at
// once, one to a line.
func Load(getenv func(string) string) (Config, error) {
	var c Config
	err := parse(&c, getenv)
	if err != nil {
		return Config{}, err
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if err := c.validate(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// LoadDemo reads the settings for "demo".
func LoadDemo(getenv func(string) string) (Demo, error) {
	var d Demo
	return d, parse(&d, getenv)
}

// LoadUpkeep reads and checks the settings for "backup", "restore" and
// "takedowns".
func LoadUpkeep(getenv func(string) string) (Upkeep, error) {
	u, err := LoadFiles(getenv)
	return u, errors.Join(err,
		checkDatabaseURL("DATABASE_URL", u.DatabaseURL, "the role that owns the schema"),
		Config{TakedownDatabaseURL: u.TakedownDatabaseURL}.checkTakedown())
}

// LoadFiles is LoadUpkeep for who needs the store of files only.
func LoadFiles(getenv func(string) string) (Upkeep, error) {
	var u Upkeep
	if err := parse(&u, getenv); err != nil {
		return u, err
	}
	return u, Config{Blobs: u.Blobs, BlobsAccessKey: u.BlobsAccessKey, BlobsSecretKey: u.BlobsSecretKey}.checkBlobs()
}

// LoadReading reads and checks the settings for "export".
func LoadReading(getenv func(string) string) (Reading, error) {
	var r Reading
	if err := parse(&r, getenv); err != nil {
		return r, err
	}
	r.BaseURL = strings.TrimSuffix(r.BaseURL, "/")
	return r, errors.Join(
		checkDatabaseURL("SIJIL_PUBLIC_DATABASE_URL", r.PublicDatabaseURL, "the public side's role"),
		Config{BaseURL: r.BaseURL}.checkBaseURL())
}

// DatabaseURL reads and checks DATABASE_URL alone, for "migrate".
func DatabaseURL(getenv func(string) string) (string, error) {
	const name = "DATABASE_URL"
	value, err := secret(getenv, name)
	if err != nil {
		return "", err
	}
	return value, checkDatabaseURL(name, value, "the role that owns the schema")
}

// parse fills a struct from the environment, with secrets from their files. It
// looks at no variable of another command: "demo" has no business with the
// address of a real database.
func parse(into any, getenv func(string) string) error {
	environment := map[string]string{}
	var problems []error
	for _, v := range variablesOf(reflect.TypeOf(into).Elem()) {
		value := getenv(v.Name)
		if v.Secret {
			var err error
			value, err = secret(getenv, v.Name)
			problems = append(problems, err)
		}
		if value != "" { // set but empty is as good as not set
			environment[v.Name] = value
		}
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	return named(env.ParseWithOptions(into, env.Options{Environment: environment}), into)
}

// named replaces the parser's errors, which name a field of the program, by
// ones that name the variable.
func named(err error, into any) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	var problems []error
	for _, one := range all.Errors {
		var bad env.ParseError
		if !errors.As(one, &bad) {
			problems = append(problems, one)
			continue
		}
		name := bad.Name
		if field, ok := reflect.TypeOf(into).Elem().FieldByName(bad.Name); ok {
			name = field.Tag.Get("env") + " (" + field.Tag.Get("doc") + ")"
		}
		problems = append(problems, fmt.Errorf("%s: %w", name, bad.Err))
	}
	return errors.Join(problems...)
}

// secret reads a variable, or the file that its _FILE twin names: a secret in a
// file does not show in the list of processes nor in a container's settings.
func secret(getenv func(string) string, name string) (string, error) {
	value, path := getenv(name), getenv(name+"_FILE")
	switch {
	case path == "":
		return value, nil
	case value != "":
		return "", fmt.Errorf("%s and %s_FILE are both set: keep one of them", name, name)
	}
	content, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

// checkDatabaseURL never repeats the address: it holds a password.
func checkDatabaseURL(name, address, whose string) error {
	const form = "postgres://role:password@host:5432/database" //nolint:gosec // a form, no secret
	if address == "" {
		return fmt.Errorf("%s is not set: give it (or the path of a file that holds it, in %s_FILE) the address of the database for %s, as %s",
			name, name, whose, form)
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return fmt.Errorf("%s is not an address of PostgreSQL: it must have the form %s", name, form)
	}
	if roleIn(address) == "" {
		return fmt.Errorf("%s names no role: it must have the form %s", name, form)
	}
	return checkLine(name, u)
}

// checkRolesDiffer refuses one role for both sides, whatever else differs.
func (c Config) checkRolesDiffer() error {
	desk, public := roleIn(c.DatabaseURL), roleIn(c.PublicDatabaseURL)
	if desk != "" && desk == public {
		return errors.New("SIJIL_PUBLIC_DATABASE_URL uses the same role as DATABASE_URL: " +
			"give it one that is a member of sijil_public only, so that no draft can be read through it")
	}
	if takedown := roleIn(c.TakedownDatabaseURL); takedown != "" && (takedown == desk || takedown == public) {
		return errors.New("SIJIL_TAKEDOWN_DATABASE_URL uses the same role as another side: " +
			"give it one that is a member of sijil_takedown only, so that nobody erases alone")
	}
	return nil
}

// checkTakedown takes no address for one that is not wanted.
func (c Config) checkTakedown() error {
	if c.TakedownDatabaseURL == "" {
		return nil
	}
	return checkDatabaseURL("SIJIL_TAKEDOWN_DATABASE_URL", c.TakedownDatabaseURL, "the role for takedowns")
}

// roleIn is the role that an address names; empty if it names none, which is
// complained of elsewhere.
func roleIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if role := u.Query().Get("user"); role != "" {
		return role
	}
	return u.User.Username()
}

func (c Config) checkAddr() error {
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || port == "" {
		return fmt.Errorf("SIJIL_ADDR is %q: it must be host:port or :port", c.Addr)
	}
	return nil
}

// checkBaseURL wants an origin. Without TLS it may only be this machine.
func (c Config) checkBaseURL() error {
	const what = "SIJIL_BASE_URL"
	if c.BaseURL == "" {
		return errors.New(what + " is not set: give it the site's public origin, such as https://sijil.example")
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%s is %q: it must be an origin only, such as https://sijil.example", what, c.BaseURL)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLocal(u.Hostname())) {
		return fmt.Errorf("%s is %q: it must begin with https:// unless it is localhost", what, c.BaseURL)
	}
	return nil
}

// isLocal recognises this machine, whose traffic nobody else sees.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
}

// checkSecretKey wants as much as cannot be guessed. It never repeats the key.
func (c Config) checkSecretKey() error {
	const name, least = "SIJIL_SECRET_KEY", 32
	if c.SecretKey == "" {
		return fmt.Errorf("%s is not set: give it (or the path of a file that holds it, in %s_FILE) at least %d random characters, "+
			"such as those of \"openssl rand -hex 32\", and keep them", name, name, least)
	}
	if len(c.SecretKey) < least {
		return fmt.Errorf("%s has %d characters: it needs at least %d random ones", name, len(c.SecretKey), least)
	}
	switch before := c.SecretKeyBefore; {
	case before != "" && len(before) < least:
		return fmt.Errorf("%s_BEFORE has %d characters: it is no key that %s ever was", name, len(before), name)
	case before == c.SecretKey:
		return fmt.Errorf("%s_BEFORE is the same as %s: take it away", name, name)
	}
	return nil
}

// checkBlobs looks at what the address says at first sight; the rest is found
// out when the store is opened.
func (c Config) checkBlobs() error {
	isBucket := strings.HasPrefix(c.Blobs, "s3://")
	switch {
	case !isBucket && !strings.HasPrefix(c.Blobs, "file:/"):
		return fmt.Errorf("SIJIL_BLOBS is %q: it must be file:/folder or s3://bucket?endpoint=https://…&region=…", c.Blobs)
	case isBucket && (c.BlobsAccessKey == "" || c.BlobsSecretKey == ""):
		return errors.New("SIJIL_BLOBS names a bucket: give its keys in SIJIL_BLOBS_ACCESS_KEY and SIJIL_BLOBS_SECRET_KEY (or as files, in …_FILE)")
	}
	return nil
}

func (c Config) checkLogFormat() error {
	if c.LogFormat != "json" && c.LogFormat != "text" {
		return fmt.Errorf("SIJIL_LOG_FORMAT is %q: it must be json or text", c.LogFormat)
	}
	return nil
}

// Captures reports whether the addresses of sources are fetched.
func (c Config) Captures() bool { return c.Capture == "on" }

func (c Config) checkCapture() error {
	if c.Capture != "on" && c.Capture != "off" {
		return fmt.Errorf("SIJIL_CAPTURE is %q: it must be on or off", c.Capture)
	}
	return nil
}

func (c Config) checkDumpDays() error {
	if c.DumpDays < 0 || c.DumpDays > 3650 {
		return fmt.Errorf("SIJIL_DUMP_DAYS is %d: it must be between 0 and 3650", c.DumpDays)
	}
	return nil
}

func (c Config) checkAPIRate() error {
	if c.APIRate < 1 {
		return fmt.Errorf("SIJIL_API_RATE is %d: it must be 1 or more", c.APIRate)
	}
	return nil
}

func (c Config) checkDrain() error {
	if c.DrainTimeout <= 0 {
		return fmt.Errorf("SIJIL_DRAIN_TIMEOUT is %s: it must be more than nothing", c.DrainTimeout)
	}
	if c.DrainNotice < 0 {
		return fmt.Errorf("SIJIL_DRAIN_NOTICE is %s: it cannot be less than nothing", c.DrainNotice)
	}
	return nil
}
