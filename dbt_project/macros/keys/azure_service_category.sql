{#- FOCUS's category of a service family, for services that the seed azure_services does not know. -#}
{% macro azure_service_category(service_family) -%}
    case lower({{ service_family }})
        when 'ai + machine learning' then 'AI and Machine Learning'
        when 'analytics' then 'Analytics'
        when 'azure arc' then 'Multicloud'
        when 'compute' then 'Compute'
        when 'containers' then 'Compute'
        when 'databases' then 'Databases'
        when 'data' then 'Databases'
        when 'developer tools' then 'Developer Tools'
        when 'integration' then 'Integration'
        when 'internet of things' then 'Internet of Things'
        when 'management and governance' then 'Management and Governance'
        when 'media' then 'Media'
        when 'networking' then 'Networking'
        when 'security' then 'Security'
        when 'storage' then 'Storage'
        when 'web' then 'Web'
        else 'Other'
    end
{%- endmacro %}
