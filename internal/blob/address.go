package blob

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// Credentials open a bucket; a folder needs none.
type Credentials struct {
	AccessKey, SecretKey string
}

// New opens the store that an address names:
//
//	file:/var/lib/sijil/blobs
//	s3://bucket/prefix?endpoint=https://s3.example&region=eu-west-1
//
// An endpoint without https is for this machine only. The folder is made where
// it is missing; a bucket is not asked for anything yet.
func New(address string, c Credentials) (Store, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "file":
		path := rest
		if strings.HasPrefix(rest, "//") {
			u, err := url.Parse(address)
			if err != nil || u.Host != "" {
				return nil, fmt.Errorf("blob: %q is not of the form file:/folder", address)
			}
			path = u.Path
		}
		if !filepath.IsAbs(path) {
			return nil, fmt.Errorf("blob: %q must name an absolute folder, as file:/folder", address)
		}
		return NewFolder(path)
	case "s3":
		return newBucket(address, c)
	}
	return nil, errors.New("blob: file: or s3: is how an address begins")
}
