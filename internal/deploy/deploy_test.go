// Package deploy_test checks what the program is delivered with, as far as that
// is possible without a container engine.
package deploy_test

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
)

func load(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithEnv(env))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t, "SIJIL_BASE_URL=https://sijil.example")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestComposeWantsTheOrigin(t *testing.T) {
	if _, err := load(t); err == nil || !strings.Contains(err.Error(), "SIJIL_BASE_URL") {
		t.Errorf("without SIJIL_BASE_URL: %v", err)
	}
}

// TestComposeIsHardened: every container.
func TestComposeIsHardened(t *testing.T) {
	p := project(t)
	if got := p.ServiceNames(); !slices.Equal(got, []string{"log-key", "migrate", "postgres", "serve"}) {
		t.Fatalf("services: %q", got)
	}
	for name, s := range p.Services {
		if !s.ReadOnly {
			t.Errorf("%s: the root file system can be written", name)
		}
		if !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.CapAdd) > 0 {
			t.Errorf("%s: capabilities: drops %q, adds %q", name, s.CapDrop, s.CapAdd)
		}
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: may gain privileges", name)
		}
		if user, _, _ := strings.Cut(s.User, ":"); user == "" || user == "0" || user == "root" {
			t.Errorf("%s: runs as %q", name, s.User)
		}
		if s.Privileged || s.NetworkMode == "host" || s.Pid == "host" {
			t.Errorf("%s: shares the machine", name)
		}
		for variable, value := range s.Environment {
			if value != nil && strings.Contains(variable, "PASSWORD") && !strings.HasSuffix(variable, "_FILE") {
				t.Errorf("%s: a secret in the environment: %s", name, variable)
			}
			if variable == "SIJIL_LOG_KEY_FILE" {
				continue // TestComposeKeepsTheKeyOfTheLog
			}
			if strings.HasSuffix(variable, "_FILE") && (value == nil || !hasSecret(s, *value)) {
				t.Errorf("%s: %s names no secret of the service", name, variable)
			}
		}
	}
	for name, secret := range p.Secrets {
		if filepath.Base(secret.File) != name {
			t.Errorf("the secret %s is not from a file: %+v", name, secret)
		}
	}
}

// hasSecret tells whether a path is that of one of the service's secrets.
func hasSecret(s types.ServiceConfig, path string) bool {
	return slices.ContainsFunc(s.Secrets, func(secret types.ServiceSecretConfig) bool {
		return path == "/run/secrets/"+secret.Source
	})
}

func TestComposeKeepsTheSidesApart(t *testing.T) {
	p := project(t)
	want := map[string][]string{
		"postgres": {"superuser_password", "owner_password", "desk_password", "public_password", "takedown_password", "replication_password"},
		"migrate":  {"owner_url"},
		"serve":    {"desk_url", "public_url", "takedown_url", "secret_key", "smtp_url"},
	}
	for name, secrets := range want {
		var got []string
		for _, secret := range p.Services[name].Secrets {
			got = append(got, secret.Source)
		}
		if !slices.Equal(got, secrets) {
			t.Errorf("%s has the secrets %q, want %q", name, got, secrets)
		}
	}
	if !p.Networks["database"].Internal {
		t.Error("the database's network leads out")
	}
	for name, s := range p.Services {
		if _, front := s.Networks["front"]; front != (name == "serve") {
			t.Errorf("%s: in the front network: %v", name, front)
		}
		if len(s.Ports) > 0 && (name != "serve" || s.Ports[0].HostIP != "127.0.0.1") {
			t.Errorf("%s opens %+v", name, s.Ports)
		}
	}
}

// TestComposeBelievesTheProxyThatIsNamed: one belongs in front, and a server that is not
// told of it counts all readers as one network. Without a name there is none.
func TestComposeBelievesTheProxyThatIsNamed(t *testing.T) {
	for _, named := range []string{"", "172.18.0.1"} {
		p, err := load(t, "SIJIL_BASE_URL=https://sijil.example", "SIJIL_TRUSTED_PROXIES="+named)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Services["serve"].Environment["SIJIL_TRUSTED_PROXIES"]; got == nil || *got != named {
			t.Errorf("serve is told of %v, want %q", got, named)
		}
	}
	if got := project(t).Services["serve"].Environment["SIJIL_TRUSTED_PROXIES"]; got == nil || *got != "" {
		t.Errorf("where nothing is named: %v", got)
	}
}

// TestComposeKeepsTheKeyOfTheLog: in a volume that only the two have who need
// it, made before anything is served, by a container that reaches nobody.
func TestComposeKeepsTheKeyOfTheLog(t *testing.T) {
	p := project(t)
	for name, s := range p.Services {
		has := slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Type == types.VolumeTypeVolume && v.Source == "log-key" && v.Target == "/var/lib/sijil/log"
		})
		file := s.Environment["SIJIL_LOG_KEY_FILE"]
		named := file != nil && *file == "/var/lib/sijil/log/key"
		if needs := name == "serve" || name == "log-key"; has != needs || named != needs {
			t.Errorf("%s: has the key %v, names it %v", name, has, named)
		}
	}
	maker := p.Services["log-key"]
	if maker.NetworkMode != "none" || !slices.Equal(maker.Command, []string{"log", "init", "--if-missing"}) {
		t.Errorf("log-key: network %q, command %q", maker.NetworkMode, maker.Command)
	}
	if got := p.Services["serve"].DependsOn["log-key"].Condition; got != types.ServiceConditionCompletedSuccessfully {
		t.Errorf("serve waits for log-key to be %q", got)
	}
}

func TestComposeOrderAndHealth(t *testing.T) {
	p := project(t)
	pg, migrate, serve := p.Services["postgres"], p.Services["migrate"], p.Services["serve"]
	if !strings.HasPrefix(pg.Image, "postgres:17") {
		t.Errorf("PostgreSQL is %s", pg.Image)
	}
	if args := pg.Environment["POSTGRES_INITDB_ARGS"]; args == nil || !strings.Contains(*args, "--data-checksums") {
		t.Error("no data checksums")
	}
	for name, s := range map[string]types.ServiceConfig{"postgres": pg, "serve": serve} {
		if s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 || s.Restart != "unless-stopped" {
			t.Errorf("%s: health check %+v, restart %q", name, s.HealthCheck, s.Restart)
		}
	}
	if got := migrate.DependsOn["postgres"].Condition; got != types.ServiceConditionHealthy {
		t.Errorf("migrate waits for PostgreSQL to be %q", got)
	}
	if got := serve.DependsOn["migrate"].Condition; got != types.ServiceConditionCompletedSuccessfully {
		t.Errorf("serve waits for migrate to be %q", got)
	}
	if migrate.Restart != "no" || !slices.Equal(migrate.Command, []string{"migrate", "up"}) {
		t.Errorf("migrate: restart %q, command %q", migrate.Restart, migrate.Command)
	}
	data := slices.ContainsFunc(pg.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeVolume && v.Source == "data" && v.Target == "/var/lib/postgresql/data"
	})
	if !data {
		t.Error("the data is not in a volume")
	}
	blobs := slices.ContainsFunc(serve.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeVolume && v.Source == "blobs" && v.Target == "/var/lib/sijil/blobs"
	})
	if !blobs {
		t.Error("the documents are not in a volume, where SIJIL_BLOBS has them by default")
	}
}

// everything is the project with all profiles.
func everything(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithEnv([]string{"SIJIL_BASE_URL=https://sijil.example"}), cli.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// servers are the services that serve readers, by name.
func servers(t *testing.T) map[string]types.ServiceConfig {
	t.Helper()
	out := map[string]types.ServiceConfig{}
	for name, s := range everything(t).Services {
		if slices.Contains(s.Command, "serve") {
			out[name] = s
		}
	}
	if names := slices.Sorted(maps.Keys(out)); !slices.Equal(names, []string{"node-1", "node-2", "serve"}) {
		t.Fatalf("what serves readers: %q", names)
	}
	return out
}

// TestComposeWaitsForWhatIsUnderWay: nothing is killed that a stop still waits for.
func TestComposeWaitsForWhatIsUnderWay(t *testing.T) {
	settings, err := config.Load(func(name string) string {
		return map[string]string{
			"DATABASE_URL": "postgres://web_desk@localhost/sijil", "SIJIL_PUBLIC_DATABASE_URL": "postgres://web_public@localhost/sijil",
			"SIJIL_BASE_URL": "https://sijil.example", "SIJIL_SECRET_KEY": strings.Repeat("k", 32), "SIJIL_SMTP_URL": "none",
		}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	const jobs = 10 * time.Second // and traces, and pages that are saved
	for name, s := range servers(t) {
		if s.Environment["SIJIL_DRAIN_TIMEOUT"] != nil {
			t.Fatalf("%s: this test knows of the default only", name)
		}
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) < settings.DrainTimeout+jobs {
			t.Errorf("%s: is killed after %v, and a stop may take %v", name, s.StopGracePeriod, settings.DrainTimeout+jobs)
		}
	}
}

// TestComposeKeepsPages: what serves readers saves its pages where they outlast the
// container, and nothing else has them; in the image the folder is its own account's.
func TestComposeKeepsPages(t *testing.T) {
	p := everything(t)
	image, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{} // who has a volume
	for name, s := range servers(t) {
		folder := s.Environment["SIJIL_CACHE_DIR"]
		if folder == nil || *folder == "" {
			t.Errorf("%s: SIJIL_CACHE_DIR is not set: it cannot start while the database is away", name)
			continue
		}
		if !strings.Contains(string(image), " --chown="+s.User+" /src/bin/cache/ "+*folder+"/\n") {
			t.Errorf("%s: a new volume at %s does not belong to %s", name, *folder, s.User)
		}
		at := slices.IndexFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == *folder })
		if at < 0 || s.Volumes[at].Type != types.VolumeTypeVolume || s.Volumes[at].ReadOnly || p.Volumes[s.Volumes[at].Source].Name == "" {
			t.Errorf("%s: no volume of a name that can be written is at %s: %+v", name, *folder, s.Volumes)
			continue
		}
		of[s.Volumes[at].Source] = name
	}
	for name, s := range p.Services {
		for _, v := range s.Volumes {
			if owner, ok := of[v.Source]; ok && owner != name {
				t.Errorf("%s has the pages of %s", name, owner)
			}
		}
	}
}

// TestDockerfileIsLean: what .ci/dockerfile-steps cannot see by running it.
func TestDockerfileIsLean(t *testing.T) {
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, final, ok := strings.Cut(string(text), "\nFROM scratch\n")
	if !ok {
		t.Fatal("the final stage is not empty")
	}
	for _, want := range []string{"\nUSER 65532:65532\n", "\nHEALTHCHECK ", `["/sijil", "healthcheck"]`, `ENTRYPOINT ["/sijil"]`} {
		if !strings.Contains(final, want) {
			t.Errorf("the final stage lacks %q", strings.TrimSpace(want))
		}
	}
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the build lacks %s", want)
		}
	}
}

// TestFirstStart plays the first start on a real PostgreSQL: secrets, roles,
// migrations as an owner that is no superuser, and the checks of "serve".
func TestFirstStart(t *testing.T) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("/tmp", "deploy-test-") // t.TempDir is closed to PostgreSQL's account
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	secrets := makeSecrets(t, dir)
	server, err := localpg.Start(ctx, localpg.Options{
		DataDir: filepath.Join(dir, "data"), BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := store.EnsureDatabase(ctx, server.URL("postgres", localpg.Superuser), "sijil"); err != nil {
		t.Fatal(err)
	}
	runInit(t, server, secrets)
	owner := address(t, server, secrets, "owner_url")
	if err := (store.Migrator{URL: owner}).Up(ctx); err != nil {
		t.Fatal(err)
	}
	for _, side := range []struct {
		secret string
		side   store.Side
		check  func(context.Context, *store.DB) error
	}{{"desk_url", store.DeskSide, store.CheckDesk}, {"public_url", store.PublicSide, store.CheckPublic}, {"takedown_url", store.TakedownSide, store.CheckTakedown}} {
		db, err := store.Open(ctx, address(t, server, secrets, side.secret), side.side)
		if err != nil {
			t.Fatal(err)
		}
		if err := side.check(ctx, db); err != nil {
			t.Errorf("%s: %v", side.secret, err)
		}
		db.Close()
	}
	wantNarrow(t, server, address(t, server, secrets, "public_url"))
	if err := (store.Migrator{URL: owner}).DownAll(ctx); err != nil {
		t.Errorf("the owner cannot go back: %v", err)
	}
}

// wantNarrow checks that the public side's role can neither fill the disk nor
// look into another database.
func wantNarrow(t *testing.T, server *localpg.Server, public string) {
	t.Helper()
	db, err := store.Open(t.Context(), strings.Replace(public, "?", "?default_transaction_read_only=off&", 1), store.DeskSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range []string{
		"SELECT lo_create(0)", "SELECT lo_creat(-1)", `SELECT lo_from_bytea(0, '\x00')`, "CREATE TEMPORARY TABLE t (v int)",
	} {
		if _, err := db.Querier().Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, other := range []string{"postgres", "template1"} {
		db, err := store.Open(t.Context(), server.URL(other, store.PublicLogin), store.PublicSide)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("connecting to %s: %v", other, err)
		}
		db.Close()
	}
}

// makeSecrets runs the script twice: the second time must change nothing.
func makeSecrets(t *testing.T, dir string) (secrets string) {
	t.Helper()
	script, err := filepath.Abs("make-secrets")
	if err != nil {
		t.Fatal(err)
	}
	secrets = filepath.Join(dir, "secrets")
	var first []byte
	for range 2 {
		cmd := exec.CommandContext(t.Context(), "sh", script)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		content, err := os.ReadFile(filepath.Join(secrets, "owner_url"))
		if err != nil || (first != nil && string(first) != string(content)) {
			t.Fatalf("the second run changed the secrets (%v)", err)
		}
		first = content
	}
	if info, err := os.Stat(secrets); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of secrets is open: %v (%v)", info.Mode(), err)
	}
	return secrets
}

// runInit runs the script that the PostgreSQL image runs.
func runInit(t *testing.T, server *localpg.Server, secrets string) {
	t.Helper()
	psql := filepath.Join(server.BinDir(), "psql")
	if _, err := os.Stat(psql); err != nil {
		if psql, err = exec.LookPath("psql"); err != nil {
			t.Skip("no psql beside the server's binaries or in the PATH: the script cannot be run")
		}
	}
	u, err := url.Parse(server.URL("sijil", localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "postgres-init.sh")
	cmd.Env = []string{
		"PATH=" + filepath.Dir(psql) + ":" + os.Getenv("PATH"), "SIJIL_SECRETS_DIR=" + secrets,
		"PGHOST=" + u.Query().Get("host"), "POSTGRES_USER=" + localpg.Superuser, "POSTGRES_DB=sijil",
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// address takes a secret address, checks it as the program would, and leads it
// to the test's server.
func address(t *testing.T, server *localpg.Server, secrets, name string) string {
	t.Helper()
	path := filepath.Join(secrets, name)
	value, err := config.DatabaseURL(func(variable string) string {
		return map[string]string{"DATABASE_URL_FILE": path}[variable]
	})
	if err != nil {
		t.Fatal(err)
	}
	there, errThere := url.Parse(value)
	here, errHere := url.Parse(server.URL("sijil", there.User.Username()))
	if err := errors.Join(errThere, errHere); err != nil {
		t.Fatal(err)
	}
	here.User = there.User
	return here.String()
}
