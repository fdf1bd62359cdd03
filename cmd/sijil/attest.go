package main

import (
	"crypto/x509"
	"fmt"
	"log/slog"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/config"
)

// openAttestors returns who is asked to attest the log: witnesses, and an
// authority, nil where none is named.
func openAttestors(settings config.Config, log *slog.Logger) ([]*attest.Witness, *attest.Authority, error) {
	client := attest.NewClient()
	witnesses, err := attest.ParseWitnesses(client, settings.Witnesses)
	if err != nil {
		return nil, nil, fmt.Errorf("SIJIL_WITNESSES: %w", err)
	}
	if settings.TimestampURL == "" {
		return witnesses, nil, nil
	}
	var roots *x509.CertPool
	if settings.TimestampCAFile == "" {
		log.Warn("whoever answers at SIJIL_TIMESTAMP_URL is believed to be the authority (SIJIL_TIMESTAMP_CA_FILE is not set)")
	} else if roots, err = readRoots(settings.TimestampCAFile); err != nil {
		return nil, nil, fmt.Errorf("SIJIL_TIMESTAMP_CA_FILE: %w", err)
	}
	authority, err := attest.NewAuthority(client, settings.TimestampURL, roots)
	if err != nil {
		return nil, nil, fmt.Errorf("SIJIL_TIMESTAMP_URL: %w", err)
	}
	return witnesses, authority, nil
}

// readRoots reads a file of certificates in PEM.
func readRoots(name string) (*x509.CertPool, error) {
	pem, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return attest.ParseRoots(pem)
}
