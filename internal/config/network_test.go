package config_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/config"
)

func TestNetworksAndReplicas(t *testing.T) {
	t.Parallel()
	const public = "postgres://web_public:secret@one/sijil?sslmode=verify-full"
	load := func(change map[string]string) (config.Config, error) {
		env := map[string]string{
			"DATABASE_URL": "postgres://web_desk:secret@one/sijil?sslmode=verify-full", "SIJIL_PUBLIC_DATABASE_URL": public,
			"SIJIL_BASE_URL": "https://sijil.example", "SIJIL_SECRET_KEY": strings.Repeat("k", 32), "SIJIL_SMTP_URL": "none",
		}
		maps.Copy(env, change)
		return config.Load(func(name string) string { return env[name] })
	}
	for _, c := range []struct{ name, value, want string }{
		{"SIJIL_TRUSTED_PROXIES", "", "[] []"},
		{"SIJIL_TRUSTED_PROXIES", "10.1.2.3/8, 192.0.2.7\n2001:db8::/32", "[10.0.0.0/8 192.0.2.7/32 2001:db8::/32] []"},
		{"SIJIL_TRUSTED_PROXIES", "proxy.example", "it must be a network"},
		{"SIJIL_TRUSTED_PROXIES", "0.0.0.0/0", "which is everybody"},
		{"SIJIL_TRUSTED_PROXIES", "::/0", "which is everybody"},
		{"SIJIL_TRUSTED_PROXIES", "::ffff:10.0.0.0/104", "write IPv4 as such"},
		{
			"SIJIL_REPLICA_URLS", strings.Replace(public, "one", "two", 1) + "," + strings.Replace(public, "one", "three", 1),
			"[] [postgres://web_public:secret@two/sijil?sslmode=verify-full postgres://web_public:secret@three/sijil?sslmode=verify-full]",
		},
		{"SIJIL_REPLICA_URLS", "two", "is not an address of PostgreSQL"},
		{"SIJIL_REPLICA_URLS", "postgres://web_desk:secret@two/sijil?sslmode=verify-full", "uses another role"},
	} {
		settings, err := load(map[string]string{c.name: c.value})
		got := fmt.Sprint(settings.Proxies(), settings.Replicas())
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || strings.Contains(got, "secret") && err != nil {
			t.Errorf("%s=%q: %s", c.name, c.value, got)
		}
	}
}

// TestAnotherMachineIsReachedByTLS: by whichever variable, unless the address says that
// it is to be without.
func TestAnotherMachineIsReachedByTLS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		where, mode     string
		refused, warned bool
	}{
		{"/sijil?host=/run/postgresql", "", false, false},
		{"localhost/sijil", "", false, false},
		{"127.0.0.1:5432/sijil", "prefer", false, false},
		{"[::1]:5432/sijil", "disable", false, false},
		{"db/sijil", "", true, false},
		{"db/sijil", "allow", true, false},
		{"db/sijil", "prefer", true, false},
		{"db/sijil", "require", true, false},
		{"db/sijil", "verify-full ", true, false},
		{"db:5432/sijil", "verify-ca", false, false},
		{"db:5432/sijil", "verify-full", false, false},
		{"10.0.0.7/sijil", "", true, false},
		{"[2001:db8::7]:5432/sijil", "", true, false},
		{"localhost/sijil?host=db", "", true, false},
		{"127.0.0.1:5432,db:5432/sijil", "", true, false},
		{"db/sijil", "disable", false, true},
	} {
		for name, role := range map[string]string{
			"DATABASE_URL": "web_desk", "SIJIL_PUBLIC_DATABASE_URL": "web_public", "SIJIL_REPLICA_URLS": "web_public", "SIJIL_TAKEDOWN_DATABASE_URL": "web_takedown",
		} {
			if name == "SIJIL_REPLICA_URLS" && strings.Contains(test.where, ",") {
				continue // a comma begins another standby there
			}
			query := url.Values{}
			where, asked, _ := strings.Cut(test.where, "?")
			if asked != "" {
				query.Set("host", strings.TrimPrefix(asked, "host="))
			}
			if test.mode != "" {
				query.Set("sslmode", test.mode)
			}
			address := "postgres://" + role + ":secret@" + where + "?" + query.Encode()
			if strings.HasPrefix(where, "/") {
				query.Set("user", role)
				address = "postgres://" + where + "?" + query.Encode()
			}
			env := map[string]string{
				"DATABASE_URL": "postgres:///sijil?host=/run&user=web_desk", "SIJIL_PUBLIC_DATABASE_URL": "postgres:///sijil?host=/run&user=web_public",
				"SIJIL_BASE_URL": "https://sijil.example", "SIJIL_SECRET_KEY": strings.Repeat("k", 32), "SIJIL_SMTP_URL": "none",
			}
			env[name] = address
			settings, err := config.Load(func(name string) string { return env[name] })
			switch {
			case test.refused && (err == nil || !strings.Contains(err.Error(), name+" leads to another machine") || strings.Contains(err.Error(), "secret")):
				t.Errorf("%s=%s: %v", name, address, err)
			case !test.refused && err != nil:
				t.Errorf("%s=%s: %v", name, address, err)
			case !test.refused && slices.Contains(settings.InTheClear(), name) != test.warned:
				t.Errorf("%s=%s: warned of %v", name, address, settings.InTheClear())
			}
		}
	}
}
