package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// listed splits a list at commas and line breaks.
func listed(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
}

// Replicas are the addresses of standbys that are read from.
func (c Config) Replicas() []string { return listed(c.ReplicaURLs) }

// checkReplicas wants the public side's role, and no other.
func (c Config) checkReplicas() error {
	const name = "SIJIL_REPLICA_URLS"
	for _, address := range c.Replicas() {
		if err := checkDatabaseURL(name, address, "the public side's role"); err != nil {
			return err
		}
		if role := roleIn(address); role != roleIn(c.PublicDatabaseURL) {
			return fmt.Errorf("%s uses another role than SIJIL_PUBLIC_DATABASE_URL: a standby has the roles of the database that it follows", name)
		}
	}
	return nil
}

// Proxies are the networks of the proxies that are believed. The settings were
// checked before: what is no network is left out.
func (c Config) Proxies() []netip.Prefix {
	networks, _ := c.proxies()
	return networks
}

func (c Config) checkProxies() error {
	_, err := c.proxies()
	return err
}

// proxies reads networks and single addresses. A network of everybody would make
// anybody's header believed.
func (c Config) proxies() ([]netip.Prefix, error) {
	const name = "SIJIL_TRUSTED_PROXIES"
	var out []netip.Prefix
	for _, text := range listed(c.TrustedProxies) {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("%s has %q: it must be a network such as 10.0.0.0/8, or an address", name, text)
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		if network.Bits() == 0 {
			return nil, fmt.Errorf("%s has %q, which is everybody: name the networks of your proxies only", name, text)
		}
		if network.Addr().Is4In6() {
			return nil, fmt.Errorf("%s has %q: write IPv4 as such", name, text)
		}
		out = append(out, network.Masked())
	}
	return out, nil
}

func (c Config) checkHub() error {
	u, err := url.Parse(c.WebSubHub)
	if c.WebSubHub != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		return fmt.Errorf("SIJIL_WEBSUB_HUB is %q: it must be the address of a hub, such as https://hub.example/", c.WebSubHub)
	}
	return nil
}

// inTheClear is the sslmode of who says himself that nobody else is on the network.
const inTheClear = "disable"

// checkLine wants TLS, and to know who answers, on the way to a database on another
// machine (OWASP ASVS 5.0, V12.3.1 and V12.3.2): PostgreSQL's own default tries TLS and
// goes on without it, and "require" asks nobody for a certificate. To do without it has
// to be said. The address names its host: where none is, the driver takes one that it finds
// in PGHOST or in a service file.
func checkLine(name string, database *url.URL) error {
	if slices.Contains(hostsOf(database), "") {
		return errors.New(name + " names no host: it must have the form postgres://role:password@host:5432/database, " +
			"or, for a socket on this machine, postgres:///database?host=/run/postgresql&user=role")
	}
	if !isElsewhere(database) {
		return nil
	}
	switch database.Query().Get("sslmode") {
	case "verify-full", "verify-ca", inTheClear:
		return nil
	}
	return errors.New(name + " leads to another machine, and nothing keeps others on the way from reading along or answering: " +
		"add ?sslmode=verify-full (and &sslrootcert=/path/of/ca.pem, if the certificate is of an authority of your own), " +
		"or, where nobody else is on that network, ?sslmode=disable")
}

// isElsewhere reports whether an address leads to another machine: to neither a socket
// nor this one.
func isElsewhere(database *url.URL) bool {
	for _, host := range hostsOf(database) {
		if !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") && !isLocal(host) {
			return true
		}
	}
	return false
}

// hostsOf are the hosts that an address names, without their ports; one that is empty is
// none. Those of the query come before.
func hostsOf(database *url.URL) []string {
	named := database.Host
	if asked := database.Query().Get("host"); asked != "" {
		named = asked
	}
	hosts := strings.Split(named, ",")
	for n, host := range hosts {
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		hosts[n] = strings.Trim(host, "[]")
	}
	return hosts
}

// InTheClear names the variables that lead to a database on another machine without
// TLS, since they say so. The settings were checked before.
func (c Config) InTheClear() []string {
	var out []string
	for _, v := range []struct {
		name      string
		addresses []string
	}{
		{"DATABASE_URL", []string{c.DatabaseURL}},
		{"SIJIL_PUBLIC_DATABASE_URL", []string{c.PublicDatabaseURL}},
		{"SIJIL_REPLICA_URLS", c.Replicas()},
		{"SIJIL_TAKEDOWN_DATABASE_URL", []string{c.TakedownDatabaseURL}},
	} {
		for _, address := range v.addresses {
			if u, err := url.Parse(address); err == nil && isElsewhere(u) && u.Query().Get("sslmode") == inTheClear {
				out = append(out, v.name)
				break
			}
		}
	}
	return out
}
