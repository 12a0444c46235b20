FROM python:3.11-slim AS build
WORKDIR /srv/liuhen
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/liuhen
COPY requirements.txt requirements-build.txt ./
RUN /opt/liuhen/bin/pip install --require-hashes -r requirements.txt \
    && pip install --require-hashes -r requirements-build.txt
COPY . .
# The build backend stays in this stage. The install is editable, as in development: the
# packages and examples/ stay side by side under /srv/liuhen.
RUN hatchling build -t wheel:editable -d /tmp/dist \
    && /opt/liuhen/bin/pip install --no-deps --no-index /tmp/dist/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/liuhen liuhen \
    && install -d -o liuhen -g liuhen -m 0750 /data
COPY --from=build /opt/liuhen /opt/liuhen
COPY --from=build /srv/liuhen /srv/liuhen
WORKDIR /srv/liuhen
ENV PATH=/opt/liuhen/bin:$PATH PYTHONUNBUFFERED=1 LIUHEN_DATA_DIR=/data
USER liuhen
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["liuhen", "serve", "--host", "0.0.0.0"]
