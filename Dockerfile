# Three images of one file:
#
#   docker build -t nodepool-launcher .
#   docker build -t nodepool-builder --target builder .
#   docker build -t nodepool --target command .
#
# How to run them: docs/operator-guide.md, "Containers", and contrib/compose.
#
# Where things come from may be changed without a change of this file: base images by NODE_IMAGE and
# DEBIAN_IMAGE, packages by DEBIAN_MIRROR, npm_config_registry and PIP_INDEX_URL, proxies by Docker's
# own HTTP_PROXY and so on.
ARG NODE_IMAGE=node:20-bookworm-slim
ARG DEBIAN_IMAGE=debian:bookworm-slim

# Builds, and leaves what is needed to run: /out/full has all, /out/lean nothing of Docker's client,
# which only the builder calls.
FROM $NODE_IMAGE AS build
ARG npm_config_registry
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build \
  && find dist -name '*.map' -delete \
  && keep() { \
       npm "$@" --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
       && mkdir -p "$out" \
       && cp -r node_modules "$out/" \
       && rm -rf "$out/node_modules/@types" "$out/node_modules/.package-lock.json" \
       && find "$out/node_modules" -type f \
            '(' -name '*.map' -o -name '*.ts' -o -name '*.[cm]ts' -o -iname '*.md' ')' -delete \
       # Not for Node, or not for running; of Google's protocols only v1's classes are asked for.
       && find "$out/node_modules" -type d '(' -path '*/dist/browser' -o -path '*/dist/react-native' \
            -o -path '*/dist/workerd' -o -name docs -o -name test -o -name tests -o -name example \
            -o -name examples ')' -prune -exec rm -rf '{}' + \
       && (cd "$out/node_modules/@google-cloud/compute/build" \
            && rm -rf protos/google protos/protos.js src/v1beta src/v1small); \
     } \
  && cp package.json package.full.json \
  && out=/out/full keep prune \
  && out=/out/lean keep uninstall dockerode \
  && mv package.full.json package.json

# Node alone: nothing that runs wants npm, yarn or headers.
FROM $DEBIAN_IMAGE AS runtime
ARG DEBIAN_MIRROR
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
      sed -i "s|http://deb.debian.org|$DEBIAN_MIRROR|" /etc/apt/sources.list.d/debian.sources; \
    fi \
  && apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  # The number and home of Python Nodepool's images, so that volumes can change sides.
  && useradd --uid 10001 --create-home --home-dir /var/lib/nodepool --shell /bin/bash nodepool \
  && install -d -o nodepool -g nodepool /etc/nodepool /var/log/nodepool /var/run/nodepool
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /src/package.json /src/LICENSE /src/contrib/container/live.js /opt/nodepool/
COPY --from=build /src/dist /opt/nodepool/dist
RUN ln -s /opt/nodepool/dist/shared/cli/main.js /usr/local/bin/nodepool \
  && ln -s /opt/nodepool/live.js /usr/local/bin/nodepool-live
ENV NODE_ENV=production
WORKDIR /var/lib/nodepool
ENTRYPOINT ["/usr/bin/tini", "--"]

FROM runtime AS command
COPY --from=build /out/lean/node_modules /opt/nodepool/node_modules
USER nodepool
CMD ["nodepool", "--help"]

# diskimage-builder in a folder of its own: Debian's is older than the releases that are to be built.
FROM $DEBIAN_IMAGE AS dib
ARG DEBIAN_MIRROR
ARG PIP_INDEX_URL
ARG DIB_VERSION=3.43.0
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
      sed -i "s|http://deb.debian.org|$DEBIAN_MIRROR|" /etc/apt/sources.list.d/debian.sources; \
    fi \
  && apt-get update \
  && apt-get install --yes --no-install-recommends python3-pip python3-venv
RUN python3 -m venv --without-pip /opt/dib \
  && pip --python /opt/dib/bin/python install --no-cache-dir --no-compile "diskimage-builder==$DIB_VERSION"

FROM runtime AS builder
# What the elements for Debian and Ubuntu call, and those that start from a distribution's own image.
# Others need more, each 85 MB: dnf (yum-minimal, Fedora, CentOS), zypper (openSUSE), podman
# (containerfile). `--build-arg EXTRA_PACKAGES="dnf podman"` adds them.
ARG EXTRA_PACKAGES
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
       bzip2 ca-certificates cpio curl debian-archive-keyring debootstrap dmsetup dosfstools \
       e2fsprogs fdisk gdisk git gnupg kpartx lsb-release openssl parted procps python3 \
       qemu-utils rsync squashfs-tools sudo uuid-runtime xfsprogs xz-utils zstd \
       $EXTRA_PACKAGES \
  && rm -rf /var/lib/apt/lists/* \
  # All of Ubuntu is one script, and Debian's debootstrap is older than this release.
  && ln -s gutsy /usr/share/debootstrap/scripts/noble \
  # Builds run as whoever owns their files, see nodepool-builder-entry; where there is no network, sudo
  # must not complain of it, since diskimage-builder reads what it says.
  && printf '%s\n' 'Defaults !fqdn' 'ALL ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/nodepool \
  && chmod 0440 /etc/sudoers.d/nodepool
COPY --from=dib /opt/dib /opt/dib
COPY contrib/container/nodepool-builder-entry /usr/local/bin/
COPY --from=build /out/full/node_modules /opt/nodepool/node_modules
RUN ln -s /opt/nodepool/dist/builder/main.js /usr/local/bin/nodepool-builder \
  && ln -s /opt/dib/bin/disk-image-create /opt/dib/bin/diskimage-builder /usr/local/bin/
ENV NODEPOOL_HEALTH_URL=http://127.0.0.1:8006/live
EXPOSE 8006
# Containers of builds have this image too, and no web server.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
  CMD grep -qzx nodepool-builder /proc/1/cmdline || exit 0; exec nodepool-live
# No USER: the entry point leaves root behind, and says why it does not begin without.
ENTRYPOINT ["nodepool-builder-entry"]
CMD ["nodepool-builder", "-f"]

# The last one is what is built where no target is named.
FROM runtime AS launcher
COPY --from=build /out/lean/node_modules /opt/nodepool/node_modules
RUN ln -s /opt/nodepool/dist/launcher/main.js /usr/local/bin/nodepool-launcher
ENV NODEPOOL_HEALTH_URL=http://127.0.0.1:8005/live
EXPOSE 8005
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["nodepool-live"]
USER nodepool
# DEBUG, not empty, turns on more words, as in Python Nodepool's images.
CMD exec nodepool-launcher "$([ -n "${DEBUG:-}" ] && echo -d || echo -f)"
