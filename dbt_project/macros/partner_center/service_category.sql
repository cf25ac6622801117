{#- FOCUS service category of an Azure meter category or of a licence's product, by words in its name. -#}
{% macro microsoft_service_category(service) -%}
    case
        {%- for category, words in [
            ('Databases', ['sql', 'database', 'cosmos', 'redis', 'postgresql', 'mysql', 'mariadb']),
            ('AI and Machine Learning', ['cognitive', 'openai', 'machine learning', 'copilot', 'foundry', 'bot service']),
            ('Analytics', ['synapse', 'databricks', 'power bi', 'fabric', 'data factory', 'hdinsight', 'data explorer',
                'stream analytics', 'purview']),
            ('Identity', ['entra', 'active directory']),
            ('Security', ['defender', 'sentinel', 'key vault', 'firewall', 'ddos', 'security']),
            ('Storage', ['storage', 'backup', 'site recovery', 'netapp']),
            ('Networking', ['bandwidth', 'virtual network', 'load balancer', 'gateway', 'expressroute', 'dns', 'cdn',
                'content delivery', 'front door', 'ip address', 'nat', 'traffic manager', 'network watcher']),
            ('Compute', ['virtual machine', 'functions', 'kubernetes', 'container', 'batch', 'virtual desktop',
                'windows 365', 'cloud services', 'vmware']),
            ('Web', ['app service', 'static web', 'signalr', 'web app']),
            ('Integration', ['service bus', 'event grid', 'event hubs', 'logic apps', 'api management']),
            ('Internet of Things', ['iot']),
            ('Developer Tools', ['devops', 'github', 'visual studio', 'test plans']),
            ('Management and Governance', ['monitor', 'log analytics', 'automation', 'intune', 'advisor', 'insights']),
            ('Business Applications', ['microsoft 365', 'office 365', 'exchange', 'sharepoint', 'teams', 'dynamics',
                'power apps', 'power automate', 'power platform', 'project', 'visio', 'phone system']),
        ] %}
        {%- for word in words %}
        when lower({{ service }}) like '%{{ word }}%' then '{{ category }}'
        {%- endfor %}
        {%- endfor %}
        else 'Other'
    end
{%- endmacro %}
