# One image with three commands: nodepool-launcher (the default), nodepool-builder, nodepool.
#   docker build -t nodepool-ts .
#   docker run -v /etc/nodepool:/etc/nodepool:ro nodepool-ts
FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --create-home --home-dir /var/lib/nodepool nodepool \
  && install -d -o nodepool -g nodepool /etc/nodepool /var/log/nodepool /var/run/nodepool
ENV NODE_ENV=production
WORKDIR /opt/nodepool
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
RUN ln -s /opt/nodepool/dist/launcher/main.js /usr/local/bin/nodepool-launcher \
  && ln -s /opt/nodepool/dist/builder/main.js /usr/local/bin/nodepool-builder \
  && ln -s /opt/nodepool/dist/shared/cli/main.js /usr/local/bin/nodepool
USER nodepool
EXPOSE 8005
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["nodepool-launcher", "-f"]
