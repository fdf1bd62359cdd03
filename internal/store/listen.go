package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
)

// generationSQL reads the generation of what is published, and that of the log.
const generationSQL = `SELECT generation, signatures FROM record.generations`

const (
	// listenPatience is how long a silent connection is believed: one that was cut
	// somewhere on the way says nothing, either.
	listenPatience = 20 * time.Second
	// longestPause is between two attempts to connect again.
	longestPause = 2 * time.Second
)

// Listen calls learn with the generation of what is published after each
// announcement (Announce), on a connection of its own, until ctx ends; and after
// each connecting with the one that is read then, since what was said while nobody
// listened is lost. It returns an error for an address that is none, and
// nil at the end. A standby takes no LISTEN: the address is that of the primary,
// and not that of a pooler which gives away connections between transactions.
func Listen(ctx context.Context, url string, log *slog.Logger, learn func(register.Generation)) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database address: %w", err)
	}
	config.RuntimeParams["application_name"] = "sijil listener"
	config.ConnectTimeout = 3 * time.Second
	pause, deaf := time.Duration(0), false
	for ctx.Err() == nil {
		heard, err := listen(ctx, config, func(g register.Generation) {
			if deaf {
				log.Info("announcements of publications are heard again")
			}
			deaf = false
			learn(g)
		})
		if ctx.Err() != nil {
			break
		}
		if !deaf {
			log.Warn("announcements of publications are not heard; the generation is asked for each second", "error", err)
		}
		deaf = true
		if heard {
			pause = 0
		}
		wait(ctx, pause)
		pause = min(longestPause, 2*pause+50*time.Millisecond)
	}
	return nil //nolint:nilerr // it ends when it is told to
}

// listen connects and listens until that fails; heard says whether it ever
// worked.
func listen(ctx context.Context, config *pgx.ConnConfig, learn func(register.Generation)) (heard bool, err error) {
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = connection.Close(closing) // it is of no more use
	}()
	if _, err := connection.Exec(ctx, "LISTEN "+channel); err != nil {
		return false, err
	}
	var g register.Generation
	if err := connection.QueryRow(ctx, generationSQL).Scan(&g.Record, &g.Log); err != nil {
		return false, err
	}
	for {
		learn(g)
		said, err := await(ctx, connection)
		if err != nil {
			return true, err
		}
		if _, err := fmt.Sscan(said, &g.Record, &g.Log); err != nil {
			return true, fmt.Errorf("announcement %q: %w", said, err)
		}
	}
}

// await returns what was announced. A connection that has been silent for long is
// asked whether it is one still.
func await(ctx context.Context, connection *pgx.Conn) (string, error) {
	for {
		patient, cancel := context.WithTimeout(ctx, listenPatience)
		said, err := connection.WaitForNotification(patient)
		silent := patient.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case err == nil:
			return said.Payload, nil
		case !silent:
			return "", err
		}
		asking, cancel := context.WithTimeout(ctx, 3*time.Second)
		err = connection.Ping(asking)
		cancel()
		if err != nil {
			return "", err
		}
	}
}

// wait waits, unless the context ends before.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
