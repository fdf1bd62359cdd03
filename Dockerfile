# Builds the one program and puts it, alone, into an empty image: no shell, no
# package manager, nothing to attack but the program itself.
# ".ci/dockerfile-steps" runs these steps without a container engine.

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
# The modules first: this layer stays as long as they do.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
# Static, because the image below has no C library; with the time zones, which
# it does not have either.
ENV CGO_ENABLED=0
ENV GOFLAGS=-buildvcs=false
RUN go build -trimpath -tags timetzdata -ldflags "-s -w -X main.release=${VERSION}" -o bin/sijil ./cmd/sijil

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/bin/sijil /sijil
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["/sijil", "healthcheck"]
ENTRYPOINT ["/sijil"]
CMD ["serve"]
