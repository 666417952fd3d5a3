# sweeper installed from its wheel, run by an unprivileged user: see deploy/README.md.
#
#     docker build --tag sweeper:gpu .
#     docker build --tag sweeper:cpu --build-arg DEVICE=cpu .

# The Python version that constraints.txt was made with.
FROM python:3.11.15-slim-bookworm AS base

FROM base AS wheel
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir --root-user-action ignore --constraint constraints.txt hatchling \
    && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel .

FROM base
# PyTorch first, in a layer that changes only with constraints.txt, because it takes gigabytes. By
# default pip installs the CUDA build. The CPU build is on PyTorch's own index, from which only these
# two packages are taken, since it lacks many versions of their dependencies.
ARG DEVICE=gpu
RUN --mount=type=bind,source=constraints.txt,target=/tmp/constraints.txt \
    case "$DEVICE" in \
        gpu) set -- ;; \
        cpu) set -- --no-deps --index-url https://download.pytorch.org/whl/cpu ;; \
        *) echo "DEVICE is gpu or cpu, not '$DEVICE'" >&2; exit 2 ;; \
    esac \
    && pip install --no-cache-dir --root-user-action ignore \
        --constraint /tmp/constraints.txt "$@" torch torchvision
RUN --mount=type=bind,source=constraints.txt,target=/tmp/constraints.txt \
    --mount=type=bind,from=wheel,source=/wheel,target=/tmp/wheel \
    pip install --no-cache-dir --root-user-action ignore \
        --constraint /tmp/constraints.txt /tmp/wheel/*.whl

# pg_dump for `sweeper db backup`. It must be as new as the server, so it is from PostgreSQL's own
# packages for Debian.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-common ca-certificates \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 \
    && rm --recursive /var/lib/apt/lists

# Data sets, pretrained weights and results that wait for the database, in a volume that all
# containers share. A new volume inherits the owner of this folder. All else may be read-only.
ENV SWEEPER_DATA=/data TORCH_HOME=/data/torch XDG_STATE_HOME=/data/state
RUN useradd --uid 1000 --create-home sweeper \
    && install --directory --owner=1000 --group=1000 /data /work
USER 1000:1000
WORKDIR /work
ENTRYPOINT ["sweeper"]
CMD ["--help"]
