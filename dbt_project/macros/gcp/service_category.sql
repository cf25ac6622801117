{#- FOCUS's ServiceCategory of a Google service by its name (service.description); what is not listed is Other. -#}
{% macro google_service_category(service) -%}
    {%- set categories = {
        'AI and Machine Learning': [
            'agent assist', 'automl', 'cloud dialogflow api', 'cloud document ai api', 'cloud machine learning engine',
            'cloud natural language', 'cloud natural language api', 'cloud speech api', 'cloud text-to-speech api',
            'cloud tpu', 'cloud vision api', 'document ai', 'gemini api', 'gemini for google cloud',
            'generative language api', 'recommendations ai', 'translate', 'vertex ai', 'vertex ai search',
        ],
        'Analytics': [
            'bigquery', 'bigquery bi engine', 'bigquery data transfer service', 'bigquery reservation api',
            'bigquery storage api', 'cloud composer', 'cloud data fusion', 'cloud dataflow', 'cloud dataproc',
            'data catalog', 'dataplex', 'dataproc metastore', 'looker', 'looker studio', 'managed service for apache kafka',
        ],
        'Business Applications': ['google workspace', 'workspace', 'contact center ai platform'],
        'Compute': [
            'app engine', 'backup for gke', 'batch', 'cloud functions', 'cloud run', 'cloud run functions',
            'compute engine', 'google cloud vmware engine', 'kubernetes engine', 'gke enterprise', 'vmware engine',
        ],
        'Databases': [
            'alloydb', 'bigtable', 'cloud bigtable', 'cloud datastore', 'cloud firestore', 'cloud memorystore',
            'cloud memorystore for memcached', 'cloud memorystore for redis', 'cloud spanner', 'cloud sql',
            'database migration service', 'datastream', 'firestore', 'firebase realtime database', 'memorystore', 'spanner',
        ],
        'Developer Tools': [
            'artifact registry', 'cloud build', 'cloud deploy', 'cloud source repositories', 'cloud workstations',
            'container registry', 'container registry vulnerability scanning', 'firebase test lab',
        ],
        'Identity': ['cloud identity', 'identity platform', 'managed service for microsoft active directory'],
        'Integration': [
            'apigee', 'application integration', 'cloud pub/sub', 'cloud scheduler', 'cloud tasks', 'eventarc',
            'workflows',
        ],
        'Internet of Things': ['cloud iot core'],
        'Management and Governance': [
            'cloud logging', 'cloud monitoring', 'cloud trace', 'stackdriver', 'stackdriver logging',
            'stackdriver monitoring', 'stackdriver trace', 'support', 'cloud asset inventory',
        ],
        'Media': ['transcoder api', 'video stitcher api', 'live stream api', 'cloud video intelligence api'],
        'Migration': ['migrate for compute engine', 'storage transfer service', 'transfer appliance'],
        'Mobile': ['firebase', 'firebase hosting', 'firebase auth', 'cloud messaging'],
        'Networking': [
            'cdn', 'cloud cdn', 'cloud dns', 'cloud domains', 'cloud nat', 'cloud vpn', 'firewall', 'ip', 'nat',
            'network', 'network connectivity', 'network intelligence center', 'networking', 'private service connect',
            'route', 'service directory', 'service discovery', 'traffic director', 'vpc',
        ],
        'Security': [
            'assured workloads', 'certificate authority service', 'chronicle', 'cloud armor',
            'cloud data loss prevention', 'cloud ids', 'cloud key management service (kms)', 'recaptcha enterprise',
            'secret manager', 'security command center', 'sensitive data protection', 'web risk',
        ],
        'Storage': ['backup and dr service', 'cloud filestore', 'cloud storage', 'filestore', 'netapp volumes'],
        'Web': ['maps api', 'google maps platform', 'places api', 'geocoding api', 'directions api'],
    } -%}
    case
        {%- for category, services in categories.items() %}
        when lower({{ service }}) in ('{{ services | join("', '") }}') then '{{ category }}'
        {%- endfor %}
        else 'Other'
    end
{%- endmacro %}
