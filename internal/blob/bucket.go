package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sijil/sijil/internal/outbound"
)

// bucket keeps contents as objects of a bucket that speaks S3, named like the
// files of a Folder.
type bucket struct {
	client *minio.Client
	name   string
	prefix string // "" or with a slash at its end
}

// newBucket reads s3://bucket/prefix?endpoint=…&region=….
func newBucket(address string, c Credentials) (*bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("blob: the address must be of the form s3://bucket?endpoint=https://…&region=…")
	}
	query := u.Query()
	for name := range query {
		if name != "endpoint" && name != "region" {
			return nil, fmt.Errorf("blob: %q in the address is not known; endpoint and region are", name)
		}
	}
	endpoint, err := url.Parse(query.Get("endpoint"))
	if err != nil || endpoint.Host == "" || strings.Trim(endpoint.Path, "/") != "" || endpoint.User != nil {
		return nil, errors.New("blob: the address needs endpoint=https://… of the S3 service, without a path")
	}
	if endpoint.Scheme != "https" && (endpoint.Scheme != "http" || !isLocal(endpoint.Hostname())) {
		return nil, errors.New("blob: the endpoint must begin with https:// unless it is this machine")
	}
	if c.AccessKey == "" || c.SecretKey == "" {
		return nil, errors.New("blob: a bucket needs an access key and a secret key")
	}
	transport := outbound.Transport()
	transport.DisableCompression = true // contents are what they are
	client, err := minio.New(endpoint.Host, &minio.Options{
		Transport: transport,
		Creds:     credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Secure: endpoint.Scheme == "https",
		Region: query.Get("region"), BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return &bucket{client: client, name: u.Host, prefix: prefix}, nil
}

// isLocal recognises this machine, whose traffic nobody else sees.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (b *bucket) key(sha string) string {
	return b.prefix + sha[:2] + "/" + sha[2:4] + "/" + sha
}

// Put reads the whole content first: it is named by its hash, and a request
// that breaks off must not leave half of it.
func (b *bucket) Put(ctx context.Context, r io.Reader, limit int64) (Info, error) {
	var content bytes.Buffer
	info, err := fill(ctx, &content, r, capped(limit))
	if err != nil {
		return Info{}, err
	}
	if b.holds(ctx, info) {
		return info, nil
	}
	_, err = b.client.PutObject(ctx, b.name, b.key(info.SHA256), &content, info.Size, minio.PutObjectOptions{
		// What it is does not matter here, and no browser is to guess.
		ContentType: "application/octet-stream", DisableMultipart: true, SendContentMd5: true,
		// Where there is no TLS the client signs contents in pieces, and says then of an
		// empty one that nobody knows how long it is, which servers refuse.
		DisableContentSha256: info.Size == 0,
	})
	return info, mapBucket(err)
}

// holds reports whether a content is there as it was stored. A good copy replaces one
// that was damaged, as in a Folder, and one that is good is not written again.
func (b *bucket) holds(ctx context.Context, info Info) bool {
	kept, err := b.client.StatObject(ctx, b.name, b.key(info.SHA256), minio.StatObjectOptions{})
	if err != nil || kept.Size != info.Size {
		return false
	}
	content, _, err := b.Open(ctx, info.SHA256)
	return err == nil && content.Close() == nil
}

// Open reads the whole content and verifies it before anybody sees a byte. It keeps
// the first piece of it, and of each other the hash: see pieced.
func (b *bucket) Open(ctx context.Context, sha string) (io.ReadCloser, Info, error) {
	if !IsSHA256(sha) {
		return nil, Info{}, ErrHash
	}
	object, err := b.client.GetObject(ctx, b.name, b.key(sha), minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, mapBucket(err)
	}
	defer object.Close() //nolint:errcheck // it was only read
	var cut cutter
	info, err := fill(ctx, &cut, object, MaxSize)
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, Info{}, mapBucket(err)
	}
	if err != nil || info.SHA256 != sha {
		return nil, Info{}, ErrCorrupt
	}
	return &pieced{bucket: b, ctx: context.WithoutCancel(ctx), sha: sha, size: info.Size, sums: cut.end(), left: cut.first}, info, nil
}

// Stat tells the size of a content.
func (b *bucket) Stat(ctx context.Context, sha string) (Info, error) {
	if !IsSHA256(sha) {
		return Info{}, ErrHash
	}
	object, err := b.client.StatObject(ctx, b.name, b.key(sha), minio.StatObjectOptions{})
	if err = mapBucket(err); errors.Is(err, ErrNotFound) {
		err = b.missing(ctx, sha)
	}
	if err != nil {
		return Info{}, err
	}
	return Info{SHA256: sha, Size: object.Size}, nil
}

// missing says what is not there. The answer to HEAD has no body, and so no word on
// whether it is the content or the bucket: that to GET has.
func (b *bucket) missing(ctx context.Context, sha string) error {
	object, err := b.client.GetObject(ctx, b.name, b.key(sha), minio.GetObjectOptions{})
	if err == nil {
		defer object.Close() //nolint:errcheck // it was only asked for
		_, err = object.Read(make([]byte, 1))
	}
	if err == nil || errors.Is(err, io.EOF) {
		return ErrNotFound // somebody brings it at this moment
	}
	return mapBucket(err)
}

// Delete removes a content.
func (b *bucket) Delete(ctx context.Context, sha string) error {
	if !IsSHA256(sha) {
		return ErrHash
	}
	err := mapBucket(b.client.RemoveObject(ctx, b.name, b.key(sha), minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Each lists all contents. Other objects in the bucket are not ours to tell of.
func (b *bucket) Each(ctx context.Context, call func(Info) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when call does
	defer cancel()
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if object.Err != nil {
			return mapBucket(object.Err)
		}
		sha := object.Key[strings.LastIndexByte(object.Key, '/')+1:]
		if !IsSHA256(sha) || object.Key != b.key(sha) {
			continue
		}
		if err := call(Info{SHA256: sha, Size: object.Size}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// mapBucket tells a content that is not there from all else that is not: a bucket, or
// who asks, for which servers answer 404 as well.
func mapBucket(err error) error {
	if err == nil {
		return nil
	}
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return ErrNotFound
	}
	return fmt.Errorf("blob: %w", err)
}
