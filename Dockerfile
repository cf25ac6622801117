# The image of docker-compose.yml: the locked environment and the project, run as an ordinary user.
FROM python:3.11-slim
RUN apt-get update && apt-get install --yes --no-install-recommends make git && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home cspbill
WORKDIR /opt/cspbill
COPY --chown=cspbill . .
RUN chown cspbill /opt/cspbill
USER cspbill
RUN make install
ENV PATH=/opt/cspbill/.venv/bin:$PATH CSPBILL_HOME=/var/lib/cspbill CSPBILL_CONFIG=/etc/cspbill
CMD ["python", "dags/support/serve_ui.py"]
