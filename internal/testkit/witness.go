package testkit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Witness is a witness of logs on this machine, written from the specifications
// (c2sp.org/tlog-witness, c2sp.org/tlog-cosignature) and by Go's own tree, so
// that the client is not tested by itself.
type Witness struct {
	Key string // verifier key
	URL string
	Now func() time.Time

	name    string
	private ed25519.PrivateKey
	log     note.Verifier

	mu    sync.Mutex
	size  int64
	root  sumdb.Hash
	asked int
	// instead answers in the place of the witness while it is set.
	instead http.HandlerFunc
}

// NewWitness starts a witness of the log with a verifier key.
func NewWitness(tb testing.TB, name, logKey string, now func() time.Time) *Witness {
	tb.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	w := &Witness{name: name, private: private, Now: now}
	typed := append([]byte{4}, public...)
	w.Key = fmt.Sprintf("%s+%x+%s", name, w.keyID(), base64.StdEncoding.EncodeToString(typed))
	if w.log, err = note.NewVerifier(logKey); err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	tb.Cleanup(server.Close)
	w.URL = server.URL
	return w
}

// Instead has another handler answer, or the witness again when it is nil.
func (w *Witness) Instead(answer http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.instead = answer
}

// Asked is how often the witness was asked.
func (w *Witness) Asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// Forget makes the witness one that has never seen the log, or sets it to a
// state.
func (w *Witness) Forget(size int64, root sumdb.Hash) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.size, w.root = size, root
}

func (w *Witness) keyID() []byte {
	public, _ := w.private.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(append([]byte(w.name+"\n\x04"), public...))
	return sum[:4]
}

// Cosign signs the text of a checkpoint at a time, whatever it says.
func (w *Witness) Cosign(text string, at time.Time) string {
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at.Unix(), text)
	raw := binary.BigEndian.AppendUint64(bytes.Clone(w.keyID()), uint64(at.Unix()))
	raw = append(raw, ed25519.Sign(w.private, []byte(message))...)
	return "— " + w.name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}

func (w *Witness) serve(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.instead != nil {
		w.instead(out, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" {
		http.Error(out, "what?", http.StatusNotFound)
		return
	}
	old, proof, signed, ok := addCheckpoint(string(body))
	if !ok {
		http.Error(out, "malformed", http.StatusBadRequest)
		return
	}
	w.decide(out, old, proof, signed)
}

// addCheckpoint reads what a witness is asked.
func addCheckpoint(body string) (old int64, proof sumdb.TreeProof, signed string, ok bool) {
	head, signed, ok := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	digits, isOld := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(digits, 10, 64)
	if !ok || !isOld || err != nil || strconv.FormatInt(old, 10) != digits || len(lines) > 64 {
		return 0, nil, "", false
	}
	for _, line := range lines[1:] {
		h, err := sumdb.ParseHash(line)
		if err != nil {
			return 0, nil, "", false
		}
		proof = append(proof, h)
	}
	return old, proof, signed, true
}

// decide does what the specification says, in its order.
func (w *Witness) decide(out http.ResponseWriter, old int64, proof sumdb.TreeProof, signed string) {
	origin, _, _ := strings.Cut(signed, "\n")
	if origin != w.log.Name() {
		http.Error(out, "no such log", http.StatusNotFound)
		return
	}
	n, err := note.Open([]byte(signed), note.VerifierList(w.log))
	if err != nil {
		http.Error(out, "not signed", http.StatusForbidden)
		return
	}
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, rootErr := sumdb.ParseHash(lines[2])
	if err != nil || rootErr != nil || old > size {
		http.Error(out, "no checkpoint", http.StatusBadRequest)
		return
	}
	switch {
	case old != w.size, old == size && root != w.root:
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(out, "%d\n", w.size)
		return
	case old == 0 && len(proof) > 0, old > 0 && old < size && sumdb.CheckTree(proof, size, root, old, w.root) != nil:
		http.Error(out, "no growth", http.StatusUnprocessableEntity)
		return
	}
	w.size, w.root = size, root
	_, _ = io.WriteString(out, w.Cosign(n.Text, w.Now()))
}
