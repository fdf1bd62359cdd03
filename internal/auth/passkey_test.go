package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// device is something that makes a passkey for the house and answers with it.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle string // the account, as the site names it
	count  uint32
	// careless: it says that somebody is there, and does not ask who.
	careless bool
	// uncounted: it says zero, however often it has answered.
	uncounted bool
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text()[:16])}
}

func raw(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// asked reads the question of a ceremony.
func (d *device) asked(c auth.Ceremony) (challenge string) {
	d.t.Helper()
	var options struct {
		PublicKey struct {
			Challenge string `json:"challenge"`
			User      struct {
				ID string `json:"id"`
			} `json:"user"`
		} `json:"publicKey"`
	}
	text, err := json.Marshal(c.Options)
	if err == nil {
		err = json.Unmarshal(text, &options)
	}
	if err != nil || options.PublicKey.Challenge == "" {
		d.t.Fatalf("the question %s: %v", text, err)
	}
	if options.PublicKey.User.ID != "" {
		d.handle = options.PublicKey.User.ID
	}
	return options.PublicKey.Challenge
}

// data is what the device says of itself (WebAuthn, 6.1): who asks, that its user is
// there and verified, and its count.
func (d *device) data(flags byte) []byte {
	const verified = 0x04
	if d.careless {
		flags &^= verified
	}
	site := sha256.Sum256([]byte("desk.example"))
	if d.count++; d.uncounted {
		d.count = 0
	}
	return binary.BigEndian.AppendUint32(append(site[:], flags), d.count)
}

func (d *device) answer(response map[string]string) []byte {
	d.t.Helper()
	out, err := json.Marshal(map[string]any{"id": raw(d.id), "rawId": raw(d.id), "type": "public-key", "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

func client(act, challenge string) []byte {
	return []byte(`{"type":"webauthn.` + act + `","challenge":"` + challenge + `","origin":"https://desk.example"}`)
}

// make answers the question for a new passkey, in CBOR.
func (d *device) make(c auth.Ceremony) []byte {
	d.t.Helper()
	challenge := d.asked(c)
	point, err := d.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		d.t.Fatal(err)
	}
	data := append(d.data(0x45), make([]byte, 16)...) // of no maker
	data = append(append(data, 0, byte(len(d.id))), d.id...)
	data = append(data, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"...) // EC2, ES256, P-256
	data = append(append(append(data, point[1:33]...), "\x22\x58\x20"...), point[33:]...)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return d.answer(map[string]string{
		"clientDataJSON": raw(client("create", challenge)), "attestationObject": raw(append(object, data...)),
	})
}

// give answers a question with the passkey.
func (d *device) give(c auth.Ceremony) []byte {
	d.t.Helper()
	said, data := client("get", d.asked(c)), d.data(0x05)
	sum := sha256.Sum256(said)
	signed := sha256.Sum256(bytes.Join([][]byte{data, sum[:]}, nil))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]string{
		"clientDataJSON": raw(said), "authenticatorData": raw(data), "signature": raw(signature), "userHandle": d.handle,
	})
}

// keyed makes somebody with a passkey.
func (h *house) keyed(email string) *device {
	h.t.Helper()
	h.hire(email, register.RoleEditor)
	s, d := h.enter(email), newDevice(h.t)
	c, err := h.BeginPasskey(h.t.Context(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, _, err := h.AddPasskey(h.t.Context(), s, c.Token, "Key", d.make(c)); err != nil {
		h.t.Fatal(err)
	}
	return d
}

// byKey signs in with a passkey alone.
func (h *house) byKey(d *device, from auth.From) error {
	h.t.Helper()
	c, err := h.AskPasskey(h.t.Context(), from)
	if err != nil {
		return err
	}
	s, err := h.SignInByPasskey(h.t.Context(), c.Token, d.give(c), from, "")
	if err == nil && s.Stage != auth.StageFull {
		h.t.Errorf("by a passkey the session is %v", s.Stage)
	}
	return err
}

// TestAPasskeyKnowsItsUser: alone it stands for something that one has and something
// that one knows or is, and so it does as a new proof; after a password it is enough
// that it is there.
func TestAPasskeyKnowsItsUser(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	h.hire("other@example.org", register.RoleEditor)
	other, found := h.enter("other@example.org"), newDevice(t)
	found.careless = true
	c, err := h.BeginPasskey(t.Context(), other)
	wantIs(t, "a question", err, nil)
	_, _, err = h.AddPasskey(t.Context(), other, c.Token, "Key", found.make(c))
	wantIs(t, "one that does not ask who it is, as a new one", err, auth.ErrCredentials)

	d := h.keyed(owner)
	wantIs(t, "alone", h.byKey(d, office()), nil)
	d.careless = true
	wantIs(t, "alone, without asking who it is", h.byKey(d, office()), auth.ErrCredentials)
	give := func(s auth.Session) (auth.Session, error) {
		t.Helper()
		c, err := h.AskOwnPasskey(t.Context(), s)
		wantIs(t, "a question", err, nil)
		return h.GivePasskey(t.Context(), s, c.Token, d.give(c))
	}
	s, err := give(h.enter(owner))
	wantIs(t, "after the password, without asking who it is", err, nil)
	_, err = give(s)
	wantIs(t, "a new proof, without asking who it is", err, auth.ErrCredentials)
	// What was asked of half a session asks for less, and is no question for a proof.
	c, err = h.AskOwnPasskey(t.Context(), h.enter(owner))
	wantIs(t, "a question to half a session", err, nil)
	_, err = h.GivePasskey(t.Context(), s, c.Token, d.give(c))
	wantIs(t, "its answer as a new proof", err, auth.ErrCredentials)
	d.careless = false
	_, err = give(s)
	wantIs(t, "a new proof", err, nil)
}

// TestACopyOfAPasskeyIsNoticed by its count, which does not go on from where the last
// answer left it.
func TestACopyOfAPasskeyIsNoticed(t *testing.T) {
	h := newHouse(t)
	d := h.keyed("there@example.org")
	clone := *d
	wantIs(t, "the passkey", h.byKey(d, office()), nil)
	wantIs(t, "again", h.byKey(d, office()), nil)
	wantIs(t, "its copy", h.byKey(&clone, office()), auth.ErrCredentials)
	wantIs(t, "and again", h.byKey(d, office()), nil)
}

// TestWrongPasswordsRefuseNoPasskey: an address and a network are locked by wrong
// passwords, and a passkey lets its owner in from there, whether his browser is known
// or not.
func TestWrongPasswordsRefuseNoPasskey(t *testing.T) {
	const owner = "here@example.org"
	h := newHouse(t)
	d := h.keyed(owner)
	known := office()
	known.Known = h.KnownBrowser(owner, "")
	for range 10 { // of the address
		_, err := h.SignIn(t.Context(), owner, "wrong wrong wrong", elsewhere(), "")
		wantIs(t, "a guess", err, auth.ErrCredentials)
	}
	for n := range 100 { // of the network
		_, err := h.SignIn(t.Context(), string(rune('a'+n/10))+string(rune('a'+n%10))+"@example.org", "wrong wrong wrong", office(), "")
		wantIs(t, "a guess", err, auth.ErrCredentials)
	}
	// The controls: both are locked, and another key is none.
	_, err := h.SignIn(t.Context(), owner, password, office(), "")
	wantIs(t, "the password, from there", err, auth.ErrThrottled)
	_, err = h.SignIn(t.Context(), "nobody@example.org", password, office(), "")
	wantIs(t, "anybody's password, from there", err, auth.ErrThrottled)
	_, err = h.SignIn(t.Context(), owner, password, auth.From{Addr: networkOf(1)}, "")
	wantIs(t, "the password, from elsewhere", err, auth.ErrThrottled)
	forger := newDevice(t)
	forger.id, forger.handle = d.id, d.handle
	wantIs(t, "a forged answer", h.byKey(forger, office()), auth.ErrCredentials)

	wantIs(t, "the passkey, in an unknown browser", h.byKey(d, office()), nil)
	wantIs(t, "the passkey, in a known browser", h.byKey(d, known), nil)
	for range 301 { // who answers as he should uses nothing up
		if err := h.byKey(d, office()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestQuestionsToPasskeysAreBounded: for a network, for a while, and passwords are not
// refused by it.
func TestQuestionsToPasskeysAreBounded(t *testing.T) {
	h := newHouse(t)
	d := h.keyed("here@example.org")
	for range 300 {
		if _, err := h.AskPasskey(t.Context(), office()); err != nil {
			t.Fatal(err)
		}
	}
	wantIs(t, "one too many", h.byKey(d, office()), auth.ErrThrottled)
	wantIs(t, "from elsewhere", h.byKey(d, elsewhere()), nil)
	known := office()
	known.Known = h.KnownBrowser("there@example.org", "") // whose browser it is does not matter
	wantIs(t, "from a known browser", h.byKey(d, known), nil)
	for name, token := range map[string]string{
		"forged":              known.Known[:len(known.Known)-4] + "AAAA",
		"of an address alone": beforeAnybody(t, known.Known),
		"the sum of an address as that of anybody": sumTwice(t, known.Known),
	} {
		other := office()
		other.Known = token
		wantIs(t, name, h.byKey(d, other), auth.ErrThrottled)
	}
	h.enter("here@example.org") // with the password, from there
	h.clock.Advance(15*time.Minute + time.Second)
	wantIs(t, "later", h.byKey(d, office()), nil)
	for range 300 {
		if _, err := h.AskPasskey(t.Context(), known); err != nil {
			t.Fatal(err)
		}
	}
	wantIs(t, "one too many, in a known browser", h.byKey(d, known), auth.ErrThrottled)
	wantIs(t, "another one there", h.byKey(d, office()), nil)
	h.clock.Advance(auth.KnownTime)
	for range 301 {
		_, err := h.AskPasskey(t.Context(), office())
		if err != nil && !errors.Is(err, auth.ErrThrottled) {
			t.Fatal(err)
		}
	}
	wantIs(t, "long ago", h.byKey(d, known), auth.ErrThrottled)
}

// beforeAnybody is the token as it was when it was of one address alone.
func beforeAnybody(t *testing.T, token string) string {
	t.Helper()
	raw := browserToken(t, token)
	return base64.RawURLEncoding.EncodeToString(raw[:len(raw)-32])
}

// sumTwice has the sum for an address stand for that of anybody, too.
func sumTwice(t *testing.T, token string) string {
	t.Helper()
	raw := browserToken(t, token)
	return base64.RawURLEncoding.EncodeToString(append(raw[:len(raw)-32], raw[len(raw)-64:len(raw)-32]...))
}

func browserToken(t *testing.T, token string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 20+32+32 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	return raw
}
