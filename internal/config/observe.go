package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
)

// checkMetricsAddr refuses figures on the address of the site: they are for who
// looks after the installation.
func (c Config) checkMetricsAddr() error {
	if c.MetricsAddr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(c.MetricsAddr)
	if err != nil || port == "" {
		return fmt.Errorf("SIJIL_METRICS_ADDR is %q: it must be host:port or :port", c.MetricsAddr)
	}
	if _, public, err := net.SplitHostPort(c.Addr); err == nil && public == port {
		return fmt.Errorf("SIJIL_METRICS_ADDR is %q: it must have another port than SIJIL_ADDR, since figures are not for readers", c.MetricsAddr)
	}
	return nil
}

// Traces reports whether traces are sent to a collector.
func (c Config) Traces() bool { return c.TracesURL != "" }

// checkTraces never repeats the address: it may hold a password, which goes over TLS, or
// nowhere beyond this machine.
func (c Config) checkTraces() error {
	const form = "it must have the form http://collector.example:4318"
	if math.IsNaN(c.TracesShare) || c.TracesShare <= 0 || c.TracesShare > 1 {
		return fmt.Errorf("SIJIL_TRACES_SHARE is %g: it must be more than 0, and 1 at most", c.TracesShare)
	}
	if !c.Traces() {
		return nil
	}
	u, err := url.Parse(c.TracesURL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return errors.New("SIJIL_TRACES_URL is no address of a collector: " + form)
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("SIJIL_TRACES_URL has more than a path: " + form)
	case u.User != nil && u.Scheme == "http" && !isLocal(u.Hostname()):
		return errors.New("SIJIL_TRACES_URL holds a password and would send it in the open: it must begin with https:// unless it is localhost")
	}
	return nil
}
