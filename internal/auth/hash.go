package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/sijil/sijil/internal/register"
)

// Cost is what one hash of a password costs who makes it, and who guesses.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is the first choice of OWASP's password storage cheat sheet.
func DefaultCost() Cost { return Cost{Memory: 19 << 10, Time: 2, Threads: 1} }

const (
	saltBytes = 16
	hashBytes = 32
	// mostHashes is how many hashes are made at the same time: each takes its
	// memory and one processor.
	mostHashes = 4
	// mostMemory bounds what a stored hash may ask for, in KiB.
	mostMemory = 1 << 20
)

// hasher makes and checks hashes of passwords, in PHC's form.
type hasher struct {
	cost  Cost
	slots chan struct{}
	dummy string // of a password that nobody has
}

func newHasher(cost Cost) *hasher {
	if cost == (Cost{}) {
		cost = DefaultCost()
	}
	h := &hasher{cost: cost, slots: make(chan struct{}, mostHashes)}
	// Of no known password, nor of any that somebody could find out: it need not be made.
	salt, sum := make([]byte, saltBytes), make([]byte, hashBytes)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(sum)
	h.dummy = formatHash(cost, salt, sum)
	return h
}

// hash returns the hash of a password, ErrUnavailable when there was no room
// before ctx ended.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	sum, err := h.sum(ctx, password, salt, h.cost)
	if err != nil {
		return "", err
	}
	return formatHash(h.cost, salt, sum), nil
}

func formatHash(cost Cost, salt, sum []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Time, cost.Threads, encode(salt), encode(sum))
}

// check reports whether a hash is the password's, and whether it was made at
// another cost than today's. An empty hash costs the same work and is nobody's.
func (h *hasher) check(ctx context.Context, hash, password string) (right, outdated bool, err error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	cost, salt, want, err := parseHash(hash)
	if err != nil {
		return false, false, err
	}
	got, err := h.sum(ctx, password, salt, cost)
	if err != nil {
		return false, false, err
	}
	same := subtle.ConstantTimeCompare(got, want) == 1
	return same && known, cost != h.cost, nil
}

func (h *hasher) sum(ctx context.Context, password string, salt []byte, cost Cost) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: no room to check a password: %w", register.ErrUnavailable, ctx.Err())
	}
	defer func() { <-h.slots }()
	// The same letters may be typed in more than one form.
	normal := norm.NFKC.Bytes([]byte(password))
	return argon2.IDKey(normal, salt, cost.Time, cost.Memory, cost.Threads, hashBytes), nil
}

var errHash = errors.New("auth: not a hash of argon2id")

// parseHash reads PHC's form: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func parseHash(s string) (cost Cost, salt, hash []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Cost{}, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Time, &cost.Threads); err != nil {
		return Cost{}, nil, nil, errors.Join(errHash, err)
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	hash, errSum := base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errSum != nil || len(hash) != hashBytes ||
		cost.Time == 0 || cost.Threads == 0 || cost.Memory == 0 || cost.Memory > mostMemory {
		return Cost{}, nil, nil, errHash
	}
	return cost, salt, hash, nil
}
