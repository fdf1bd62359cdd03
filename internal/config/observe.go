package config

import (
	"fmt"
	"net"
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
