package config_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/config"
)

func TestNetworksAndReplicas(t *testing.T) {
	t.Parallel()
	const public = "postgres://web_public:secret@one/sijil"
	load := func(change map[string]string) (config.Config, error) {
		env := map[string]string{
			"DATABASE_URL": "postgres://web_desk:secret@one/sijil", "SIJIL_PUBLIC_DATABASE_URL": public,
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
			"[] [postgres://web_public:secret@two/sijil postgres://web_public:secret@three/sijil]",
		},
		{"SIJIL_REPLICA_URLS", "two", "is not an address of PostgreSQL"},
		{"SIJIL_REPLICA_URLS", "postgres://web_desk:secret@two/sijil", "uses another role"},
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
