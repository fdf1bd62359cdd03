# Builds the one program and puts it into an empty image, with poppler's two
# programs, which it runs with little memory and time on documents that staff
# attach: no shell, no package manager, nothing else to attack.
# ".ci/dockerfile-steps" runs these steps without a container engine.

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends poppler-utils fonts-dejavu-core >/dev/null
# The modules first: this layer stays as long as they do.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
# Static, because the image below has no C library; with the time zones, which
# it does not have either.
ENV CGO_ENABLED=0
ENV GOFLAGS=-buildvcs=false
RUN internal/deploy/collect-poppler bin/root && mkdir -p bin/root/var/lib/sijil bin/blobs bin/log bin/cache
RUN go build -trimpath -tags timetzdata -ldflags "-s -w -X main.release=${VERSION}" -o bin/sijil ./cmd/sijil

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/bin/root/ /
COPY --from=build /src/bin/sijil /sijil
# A new volume there belongs to who writes to it.
COPY --from=build --chown=65532:65532 /src/bin/blobs/ /var/lib/sijil/blobs/
COPY --from=build --chown=65532:65532 /src/bin/log/ /var/lib/sijil/log/
COPY --from=build --chown=65532:65532 /src/bin/cache/ /var/lib/sijil/cache/
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["/sijil", "healthcheck"]
ENTRYPOINT ["/sijil"]
CMD ["serve"]
