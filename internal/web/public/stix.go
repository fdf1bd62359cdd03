package public

import (
	"context"

	"github.com/sijil/sijil/internal/exchange"
)

// STIXExtensionPath is where the schema of the register's extension of STIX stands.
const STIXExtensionPath = exchange.STIXExtensionPath

// STIXExtension answers the JSON Schema that defines the register's extension of
// STIX. Its address has its version: what stands there does not change.
func (p *Pages) STIXExtension(context.Context, Request) (Answer, error) {
	return Answer{File: &File{MediaType: "application/schema+json", Body: exchange.STIXExtensionSchema(), Shared: true}}, nil
}
